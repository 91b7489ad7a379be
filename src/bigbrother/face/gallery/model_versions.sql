-- name: one_at_a_time
SELECT pg_advisory_xact_lock('model_version'::regclass::oid::bigint);

-- name: get
SELECT id, name, version, dimension FROM model_version
WHERE name = %(name)s AND version = %(version)s;

-- name: all
SELECT id, name, version, dimension FROM model_version ORDER BY id;

-- name: create
INSERT INTO model_version (name, version, dimension, created_at)
VALUES (%(name)s, %(version)s, %(dimension)s, %(now)s)
RETURNING id, name, version, dimension;

-- name: create_table
-- Collection, subject and model stand in every row, so that a search needs no other table to
-- know whose row it is. Storage PLAIN keeps a vector beside them: fetched apart it is slow.
CREATE TABLE {embeddings} (
    face_id uuid PRIMARY KEY REFERENCES face ON DELETE CASCADE,
    subject_id uuid NOT NULL,
    collection_id uuid NOT NULL,
    model_version_id integer NOT NULL DEFAULT {id} CHECK (model_version_id = {id}),
    embedding {vector} ({dimension}) STORAGE PLAIN NOT NULL,
    checksum bytea NOT NULL
);

-- name: keep_no_samples
-- As in the migration of rights: the planner's samples would outlive an erasure.
ALTER TABLE {embeddings}
    ALTER COLUMN embedding SET STATISTICS 0, ALTER COLUMN checksum SET STATISTICS 0;

-- name: create_collection_index
-- The subject stands in it so that faces are counted without reading their vectors.
CREATE INDEX ON {embeddings} (collection_id, subject_id);

-- name: grant
GRANT SELECT, INSERT, DELETE ON {embeddings} TO bigbrother_face;

-- name: create_index
CREATE INDEX {index} ON {embeddings} USING hnsw (embedding {operators});

-- name: drop_index
DROP INDEX {index};

-- name: having
SELECT face_id, {id} AS model_version_id FROM {embeddings} WHERE face_id = ANY(%(faces)s);
