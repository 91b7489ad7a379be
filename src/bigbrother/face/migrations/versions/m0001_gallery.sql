CREATE TABLE collection (
    id uuid PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    description text NOT NULL,
    keep_crops boolean NOT NULL,
    retention interval CHECK (retention > interval '0'),
    created_at timestamptz NOT NULL
);

CREATE TABLE subject (
    id uuid PRIMARY KEY,
    collection_id uuid NOT NULL REFERENCES collection ON DELETE CASCADE,
    external_id text NOT NULL CHECK (length(external_id) BETWEEN 1 AND 200),
    name text NOT NULL,
    metadata jsonb NOT NULL CHECK (jsonb_typeof(metadata) = 'object'),
    consent_legal_basis text NOT NULL CHECK (consent_legal_basis <> ''),
    consent_purpose text NOT NULL CHECK (consent_purpose <> ''),
    consent_reference text NOT NULL,
    consent_expires_at timestamptz,
    consent_withdrawn_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (collection_id, external_id)
);
CREATE INDEX subject_by_page ON subject (collection_id, id);

-- Its own table, so that a key is read only where a crop is sealed or opened.
CREATE TABLE subject_key (
    subject_id uuid PRIMARY KEY REFERENCES subject ON DELETE CASCADE,
    wrapped_key bytea NOT NULL
);

CREATE TABLE face (
    id uuid PRIMARY KEY,
    subject_id uuid NOT NULL REFERENCES subject ON DELETE CASCADE,
    image_sha256 bytea NOT NULL CHECK (octet_length(image_sha256) = 32),
    box_x double precision NOT NULL,
    box_y double precision NOT NULL,
    box_width double precision NOT NULL,
    box_height double precision NOT NULL,
    score double precision NOT NULL,
    quality_size double precision NOT NULL,
    quality_sharpness double precision NOT NULL,
    quality_pose double precision NOT NULL,
    quality_brightness double precision NOT NULL,
    quality_overall double precision NOT NULL,
    quality_reasons text[] NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (subject_id, image_sha256)
);
CREATE INDEX face_by_page ON face (subject_id, id);

CREATE TABLE crop (
    face_id uuid PRIMARY KEY REFERENCES face ON DELETE CASCADE,
    sealed_png bytea NOT NULL
);
-- Ciphertext does not compress; not trying saves the time.
ALTER TABLE crop ALTER COLUMN sealed_png SET STORAGE EXTERNAL;

-- Each row owns a table `embedding_<id>`, made by face.gallery.model_versions.register.
CREATE TABLE model_version (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL CHECK (name <> ''),
    version text NOT NULL CHECK (version <> ''),
    dimension integer NOT NULL CHECK (dimension > 0),
    created_at timestamptz NOT NULL,
    UNIQUE (name, version)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON collection, subject, subject_key TO bigbrother_face;
GRANT SELECT, INSERT, DELETE ON face, crop TO bigbrother_face;
GRANT SELECT ON model_version TO bigbrother_face;
