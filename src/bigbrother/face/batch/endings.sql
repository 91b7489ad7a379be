-- name: hold
-- Every change of an item's state happens under this lock, so that counts and positions are exact.
SELECT state, last_position FROM batch WHERE id = %(batch_id)s FOR NO KEY UPDATE;

-- name: pending
SELECT number FROM batch_item
WHERE batch_id = %(batch_id)s AND number = ANY(%(numbers)s) AND state = 'pending'
ORDER BY number;

-- name: end
UPDATE batch_item i
SET state = e.state, position = e.position, sealed_result = e.sealed_result,
    service_fault = e.service_fault, done_at = %(now)s
FROM unnest(
    %(numbers)s::integer[], %(states)s::text[], %(positions)s::integer[],
    %(results)s::bytea[], %(faults)s::boolean[]
) AS e (number, state, position, sealed_result, service_fault)
WHERE i.batch_id = %(batch_id)s AND i.number = e.number AND i.state = 'pending';

-- name: drop_images
DELETE FROM batch_image WHERE batch_id = %(batch_id)s AND number = ANY(%(numbers)s);

-- name: remember_subjects
-- A subject erased a moment ago is left out.
INSERT INTO batch_match (subject_id, batch_id, number)
SELECT s.id, %(batch_id)s, m.number
FROM unnest(%(subjects)s::uuid[], %(numbers)s::integer[]) AS m (subject_id, number)
JOIN subject s ON s.id = m.subject_id
ON CONFLICT DO NOTHING;

-- name: count
UPDATE batch
SET succeeded = succeeded + %(succeeded)s, failed = failed + %(failed)s,
    cancelled = cancelled + %(cancelled)s, erased = erased + %(erased)s,
    last_position = last_position + %(ended)s
WHERE id = %(batch_id)s
RETURNING items - succeeded - failed - cancelled - erased AS pending, state;

-- name: finish
UPDATE batch SET state = 'finished', finished_at = %(now)s
WHERE id = %(batch_id)s AND state = 'running';

-- name: drop_chunks
DELETE FROM batch_chunk WHERE batch_id = %(batch_id)s;

-- name: touched
SELECT i.batch_id, i.number, i.state
FROM batch_item i
JOIN batch b ON b.id = i.batch_id
WHERE (i.subject_mac = %(subject_mac)s OR i.image_sha256 = ANY(%(images)s))
  AND i.state <> 'erased'
  AND (%(before)s::timestamptz IS NULL OR b.created_at <= %(before)s)
ORDER BY i.batch_id, i.number;

-- name: erase
-- One by one under the batch's lock: who was pending gets a position, who had one keeps it.
UPDATE batch_item i
SET state = 'erased', position = coalesce(i.position, e.position), done_at = coalesce(i.done_at, %(now)s),
    sealed_request = NULL, sealed_result = NULL, subject_mac = NULL, image_sha256 = NULL,
    service_fault = false
FROM unnest(%(numbers)s::integer[], %(positions)s::integer[]) AS e (number, position)
WHERE i.batch_id = %(batch_id)s AND i.number = e.number;

-- name: states
SELECT number, state FROM batch_item
WHERE batch_id = %(batch_id)s AND number = ANY(%(numbers)s) AND state <> 'erased'
ORDER BY number;

-- name: reopen
UPDATE batch_item i
SET state = 'pending', position = NULL, done_at = NULL, sealed_result = NULL, deaths = 0,
    service_fault = false, chunk = kept.chunk
FROM (
    SELECT f.number,
           (SELECT max(chunk) FROM batch_item WHERE batch_id = %(batch_id)s) + 1
               + (row_number() OVER (ORDER BY f.number) - 1) / %(chunk_items)s AS chunk
    FROM batch_item f
    JOIN batch_image m ON m.batch_id = f.batch_id AND m.number = f.number
    WHERE f.batch_id = %(batch_id)s AND f.state = 'failed'
) AS kept
WHERE i.batch_id = %(batch_id)s AND i.number = kept.number
RETURNING i.chunk;

-- name: run_again
UPDATE batch
SET state = 'running', finished_at = NULL, failed = failed - %(reopened)s,
    webhook_state = CASE WHEN webhook_url IS NULL THEN NULL ELSE 'waiting' END
WHERE id = %(batch_id)s;
