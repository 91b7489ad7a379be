-- What a worker should have destroyed by now, and since when; the times are those before which it
-- should have.
SELECT 'idempotency keys' AS what, count(*) AS count, min(expires_at) AS oldest
FROM idempotency WHERE expires_at <= %(keys)s
UNION ALL
SELECT 'batches', count(*), min(finished_at)
FROM batch WHERE finished_at <= %(batches)s
UNION ALL
SELECT 'failed images', count(*), min(i.done_at)
FROM batch_item i JOIN batch_image m USING (batch_id, number)
WHERE i.state = 'failed' AND i.done_at <= %(images)s
UNION ALL
SELECT 'faces', count(*), min(f.created_at)
FROM collection c
JOIN subject s ON s.collection_id = c.id
JOIN face f ON f.subject_id = s.id
WHERE c.retention IS NOT NULL
  AND f.created_at <= %(faces)s - make_interval(secs => extract(epoch FROM c.retention)::float8)
