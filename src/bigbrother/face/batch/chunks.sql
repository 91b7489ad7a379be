-- name: take
UPDATE batch_chunk SET attempts = attempts + 1
WHERE batch_id = %(batch_id)s AND chunk = %(chunk)s
RETURNING attempts;

-- name: begin
UPDATE batch SET started_at = %(now)s WHERE id = %(batch_id)s AND started_at IS NULL;

-- name: items
-- Those at which a worker died come last: the others do not wait for them.
SELECT i.number, i.sealed_request, octet_length(m.sealed_image) AS image_bytes
FROM batch_item i
JOIN batch_image m ON m.batch_id = i.batch_id AND m.number = i.number
WHERE i.batch_id = %(batch_id)s AND i.chunk = %(chunk)s AND i.state = 'pending'
ORDER BY i.deaths, i.number;

-- name: images
SELECT number, sealed_image FROM batch_image
WHERE batch_id = %(batch_id)s AND number = ANY(%(numbers)s);

-- name: is_wanted
SELECT FROM batch WHERE id = %(batch_id)s AND state = 'running';

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
