-- What a client asked for in bulk. Names, images and results are sealed under the batch's own key:
-- whoever destroys that key has destroyed them all.
CREATE TABLE batch (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('analyze', 'enrol', 'identify')),
    state text NOT NULL CHECK (state IN ('running', 'finished', 'cancelled')),
    priority text NOT NULL CHECK (priority IN ('low', 'normal', 'high')),
    collection_id uuid REFERENCES collection ON DELETE CASCADE,
    -- Copied, since a token may be gone before its batch; no reference for the same reason.
    token_id uuid NOT NULL,
    token_name text NOT NULL,
    request_id text NOT NULL,
    purpose text NOT NULL,
    options jsonb NOT NULL CHECK (jsonb_typeof(options) = 'object'),
    wrapped_key bytea NOT NULL,
    webhook_url text,
    sealed_webhook_secret bytea,
    webhook_state text CHECK (webhook_state IN ('waiting', 'delivered', 'given-up')),
    items integer NOT NULL CHECK (items > 0),
    -- How many items have ended in each way; kept under the row's lock, so always exact.
    succeeded integer NOT NULL DEFAULT 0 CHECK (succeeded >= 0),
    failed integer NOT NULL DEFAULT 0 CHECK (failed >= 0),
    cancelled integer NOT NULL DEFAULT 0 CHECK (cancelled >= 0),
    erased integer NOT NULL DEFAULT 0 CHECK (erased >= 0),
    -- The position of the newest result; given out under the row's lock, so without gaps.
    last_position integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    finished_at timestamptz,
    CHECK (succeeded + failed + cancelled + erased <= items),
    CHECK ((kind = 'analyze') = (collection_id IS NULL)),
    CHECK ((state = 'running') = (finished_at IS NULL))
);
CREATE INDEX batch_by_collection ON batch (collection_id);
CREATE INDEX batch_by_end ON batch (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE batch_item (
    batch_id uuid NOT NULL REFERENCES batch ON DELETE CASCADE,
    number integer NOT NULL CHECK (number > 0),
    chunk integer NOT NULL,
    state text NOT NULL CHECK (state IN ('pending', 'succeeded', 'failed', 'cancelled', 'erased')),
    -- What was asked (name, external id, subject's name), sealed; null once it is erased.
    sealed_request bytea,
    -- Keyed digest of collection and external id, to find a subject's items without its id in them.
    subject_mac bytea,
    image_sha256 bytea CHECK (octet_length(image_sha256) = 32),
    -- How often a worker died while it was at this very item.
    deaths smallint NOT NULL DEFAULT 0,
    sealed_result bytea,
    -- Whether a failure was the service's own, not the image's or its subject's.
    service_fault boolean NOT NULL DEFAULT false,
    position integer,
    done_at timestamptz,
    PRIMARY KEY (batch_id, number),
    UNIQUE (batch_id, position),
    CHECK ((state = 'pending') = (position IS NULL))
);
-- Ciphertext does not compress; not trying saves the time.
ALTER TABLE batch_item ALTER COLUMN sealed_result SET STORAGE EXTERNAL;
CREATE INDEX batch_item_by_chunk ON batch_item (batch_id, chunk) WHERE state = 'pending';
CREATE INDEX batch_item_by_subject ON batch_item (subject_mac) WHERE subject_mac IS NOT NULL;
CREATE INDEX batch_item_by_image ON batch_item (image_sha256) WHERE image_sha256 IS NOT NULL;
CREATE INDEX batch_item_by_end ON batch_item (done_at) WHERE done_at IS NOT NULL;

-- The encoded image, sealed; gone as soon as its item has succeeded.
CREATE TABLE batch_image (
    batch_id uuid NOT NULL,
    number integer NOT NULL,
    sealed_image bytea NOT NULL,
    PRIMARY KEY (batch_id, number),
    FOREIGN KEY (batch_id, number) REFERENCES batch_item ON DELETE CASCADE
);
ALTER TABLE batch_image ALTER COLUMN sealed_image SET STORAGE EXTERNAL;

-- Which results are about which subject: for the export of what is held on somebody.
CREATE TABLE batch_match (
    subject_id uuid NOT NULL REFERENCES subject ON DELETE CASCADE,
    batch_id uuid NOT NULL,
    number integer NOT NULL,
    PRIMARY KEY (subject_id, batch_id, number),
    FOREIGN KEY (batch_id, number) REFERENCES batch_item ON DELETE CASCADE
);
CREATE INDEX batch_match_by_item ON batch_match (batch_id, number);

-- The chunks that still have something to do; the queue's job of each names batch and chunk.
CREATE TABLE batch_chunk (
    batch_id uuid NOT NULL REFERENCES batch ON DELETE CASCADE,
    chunk integer NOT NULL,
    token_id uuid NOT NULL,
    -- Where it stands in the fair order among clients: see face/batch/fairness.py.
    virtual_start bigint NOT NULL,
    job_id bigint,
    attempts smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (batch_id, chunk)
);
CREATE INDEX batch_chunk_by_job ON batch_chunk (job_id);
CREATE INDEX batch_chunk_by_start ON batch_chunk (virtual_start);

-- How much each client has been given, in items.
CREATE TABLE batch_share (
    token_id uuid PRIMARY KEY,
    virtual_end bigint NOT NULL
);

ALTER TABLE idempotency ADD COLUMN batch_id uuid REFERENCES batch ON DELETE CASCADE;
CREATE INDEX idempotency_batch_id ON idempotency (batch_id);

GRANT SELECT, INSERT, UPDATE, DELETE
    ON batch, batch_item, batch_image, batch_match, batch_chunk, batch_share TO bigbrother_face;
