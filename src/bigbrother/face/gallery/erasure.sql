-- name: one_at_a_time
SELECT pg_advisory_xact_lock('erasure_position'::regclass::oid::bigint);

-- name: keep_waiting
SELECT pg_try_advisory_xact_lock_shared('erasure_position'::regclass::oid::bigint) AS held;

-- name: position
SELECT sequence FROM erasure_position WHERE ledger_id = %(ledger_id)s;

-- name: advance
INSERT INTO erasure_position (ledger_id, sequence) VALUES (%(ledger_id)s, %(sequence)s)
ON CONFLICT (ledger_id) DO UPDATE SET sequence = excluded.sequence;

-- name: images_of_subject
SELECT image_sha256 FROM face WHERE subject_id = %(subject_id)s ORDER BY id;

-- name: images_of_collection
SELECT DISTINCT f.image_sha256
FROM face f
JOIN subject s ON s.id = f.subject_id
WHERE s.collection_id = %(collection_id)s;

-- name: subjects_of_collection
SELECT id FROM subject WHERE collection_id = %(collection_id)s ORDER BY id;

-- name: faces_of_collection
SELECT count(*) AS faces
FROM face f
JOIN subject s ON s.id = f.subject_id
WHERE s.collection_id = %(collection_id)s;

-- name: hold_batches
-- Workers lock a batch before its subjects; who deletes both must come the same way.
SELECT id FROM batch WHERE collection_id = %(collection_id)s ORDER BY id FOR UPDATE;

-- name: hold_subject
SELECT id FROM subject WHERE id = %(subject_id)s FOR UPDATE;

-- name: destroy_subject
DELETE FROM subject WHERE id = %(subject_id)s;

-- name: destroy_faces
-- Before their subject, so that they are counted.
DELETE FROM face WHERE subject_id = %(subject_id)s;

-- name: destroy_face
DELETE FROM face WHERE id = %(face_id)s;

-- name: destroy_collection
DELETE FROM collection WHERE id = %(collection_id)s;

-- name: withdraw
UPDATE subject SET consent_withdrawn_at = %(withdrawn_at)s, updated_at = %(now)s
WHERE id = %(subject_id)s AND consent_withdrawn_at IS NULL;
