CREATE TABLE api_token (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    role text NOT NULL CHECK (role IN ('admin', 'writer', 'reader')),
    -- Of the secret, never the secret: see security/tokens.py for why a plain hash is enough.
    secret_sha256 bytea NOT NULL CHECK (octet_length(secret_sha256) = 32),
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz
);

-- An answer may repeat personal data, so it goes with the row that it is about.
CREATE TABLE idempotency (
    token_id uuid NOT NULL REFERENCES api_token (id) ON DELETE CASCADE,
    key text NOT NULL,
    request_sha256 bytea NOT NULL CHECK (octet_length(request_sha256) = 32),
    collection_id uuid REFERENCES collection (id) ON DELETE CASCADE,
    subject_id uuid REFERENCES subject (id) ON DELETE CASCADE,
    face_id uuid REFERENCES face (id) ON DELETE CASCADE,
    -- Null only inside the transaction that creates.
    status smallint,
    body bytea,
    location text,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (token_id, key)
);

CREATE INDEX idempotency_expires_at ON idempotency (expires_at);
CREATE INDEX idempotency_collection_id ON idempotency (collection_id);
CREATE INDEX idempotency_subject_id ON idempotency (subject_id);
CREATE INDEX idempotency_face_id ON idempotency (face_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON api_token, idempotency TO bigbrother_face;
