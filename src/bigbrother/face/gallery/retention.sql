-- name: outlived_faces
-- The retention in seconds: an interval in days would stretch with the session's time zone. Who is
-- being erased, or purged by another worker, is left to them.
SELECT c.id AS collection_id, s.id AS subject_id, f.id AS face_id
FROM collection c
JOIN subject s ON s.collection_id = c.id
JOIN face f ON f.subject_id = s.id
WHERE c.retention IS NOT NULL
  AND f.created_at <= %(now)s - make_interval(secs => extract(epoch FROM c.retention)::float8)
LIMIT %(at_most)s
FOR NO KEY UPDATE OF s SKIP LOCKED;

-- name: destroy_faces
DELETE FROM face WHERE id = ANY(%(faces)s);

-- name: destroy_keys
DELETE FROM idempotency
WHERE (token_id, key) IN (
    SELECT token_id, key FROM idempotency WHERE expires_at <= %(now)s
    LIMIT %(at_most)s FOR UPDATE SKIP LOCKED
);
