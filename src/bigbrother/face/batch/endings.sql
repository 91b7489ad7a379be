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
