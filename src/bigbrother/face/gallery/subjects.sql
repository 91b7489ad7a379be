-- name: create
INSERT INTO subject (
    id, collection_id, external_id, name, metadata,
    consent_legal_basis, consent_purpose, consent_reference,
    consent_expires_at, consent_withdrawn_at, created_at, updated_at
)
VALUES (
    %(id)s, %(collection_id)s, %(external_id)s, %(name)s, %(metadata)s,
    %(legal_basis)s, %(purpose)s, %(reference)s,
    %(expires_at)s, %(withdrawn_at)s, %(now)s, %(now)s
)
ON CONFLICT (collection_id, external_id) DO NOTHING
RETURNING *, 0 AS faces;

-- name: store_key
INSERT INTO subject_key (subject_id, wrapped_key) VALUES (%(subject_id)s, %(wrapped_key)s);

-- name: key
SELECT wrapped_key FROM subject_key WHERE subject_id = %(subject_id)s;

-- name: get
SELECT s.*, (SELECT count(*) FROM face f WHERE f.subject_id = s.id) AS faces
FROM subject s
WHERE s.collection_id = %(collection_id)s AND s.external_id = %(external_id)s;

-- name: get_locked
SELECT s.*, (SELECT count(*) FROM face f WHERE f.subject_id = s.id) AS faces
FROM subject s
WHERE s.collection_id = %(collection_id)s AND s.external_id = %(external_id)s
FOR NO KEY UPDATE;

-- name: hold
-- The lock keeps the subject from being deleted before the caller's transaction ends.
SELECT id, consent_withdrawn_at, consent_expires_at FROM subject
WHERE collection_id = %(collection_id)s AND external_id = %(external_id)s
FOR KEY SHARE;

-- name: page
SELECT s.*, (SELECT count(*) FROM face f WHERE f.subject_id = s.id) AS faces
FROM subject s
WHERE s.collection_id = %(collection_id)s AND s.id > %(after)s
ORDER BY s.id
LIMIT %(limit)s;

-- name: update
UPDATE subject s
SET name = %(name)s, metadata = %(metadata)s,
    consent_legal_basis = %(legal_basis)s, consent_purpose = %(purpose)s,
    consent_reference = %(reference)s, consent_expires_at = %(expires_at)s,
    consent_withdrawn_at = %(withdrawn_at)s, updated_at = %(now)s
WHERE s.id = %(id)s
RETURNING s.*, (SELECT count(*) FROM face f WHERE f.subject_id = s.id) AS faces;
