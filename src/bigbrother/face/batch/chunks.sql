-- name: take
UPDATE batch_chunk SET attempts = attempts + 1
WHERE batch_id = %(batch_id)s AND chunk = %(chunk)s
RETURNING attempts;

-- name: begin
UPDATE batch SET started_at = %(now)s WHERE id = %(batch_id)s AND started_at IS NULL;

-- name: items
-- Those at which a worker died come last: the others do not wait for them.
SELECT number, sealed_request FROM batch_item
WHERE batch_id = %(batch_id)s AND chunk = %(chunk)s AND state = 'pending'
ORDER BY deaths, number;

-- name: image
SELECT b.state, i.sealed_image
FROM batch b
LEFT JOIN batch_image i ON i.batch_id = b.id AND i.number = %(number)s
WHERE b.id = %(batch_id)s;

-- name: suspect
-- Committed before the item is touched: who finds the figure raised knows of what came of it.
UPDATE batch_item SET deaths = deaths + 1
WHERE batch_id = %(batch_id)s AND number = %(number)s AND state = 'pending'
RETURNING deaths;

-- name: acquit
UPDATE batch_item SET deaths = 0
WHERE batch_id = %(batch_id)s AND number = ANY(%(numbers)s) AND deaths > 0;

-- name: leave
UPDATE batch_chunk SET attempts = attempts - 1
WHERE batch_id = %(batch_id)s AND chunk = %(chunk)s;

-- name: drop
DELETE FROM batch_chunk c
WHERE c.batch_id = %(batch_id)s AND c.chunk = %(chunk)s
  AND NOT EXISTS (
      SELECT FROM batch_item i
      WHERE i.batch_id = c.batch_id AND i.chunk = c.chunk AND i.state = 'pending'
  );
