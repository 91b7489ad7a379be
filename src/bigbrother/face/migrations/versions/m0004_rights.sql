-- Who did what with whose face. Rows are added, never changed: each carries a keyed digest over
-- itself and the row before, so that a change, a gap or another order is found.
CREATE TABLE audit_record (
    sequence bigint PRIMARY KEY CHECK (sequence > 0),
    at timestamptz NOT NULL,
    action text NOT NULL CHECK (action IN ('identify', 'enrol', 'export', 'erase')),
    -- Who: the token and the name that it had.
    token_id uuid,
    token_name text NOT NULL,
    -- Whom: identifiers that tell nothing once the subject is gone.
    collection_id uuid,
    subject_ids uuid[] NOT NULL,
    purpose text NOT NULL,
    result text NOT NULL,
    request_id text NOT NULL,
    mac bytea NOT NULL CHECK (octet_length(mac) = 32)
);
CREATE INDEX audit_record_by_subject ON audit_record USING gin (subject_ids);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    RAISE EXCEPTION 'audit records are added, never changed';
END
$function$;
CREATE TRIGGER audit_record_is_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_record
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- How far each ledger of erasures has been carried out in this copy of the database. An older copy
-- that was restored says so itself: the face unit then repeats what is missing before it answers.
CREATE TABLE erasure_position (
    ledger_id uuid PRIMARY KEY,
    sequence bigint NOT NULL CHECK (sequence >= 0)
);

GRANT SELECT, INSERT ON audit_record TO bigbrother_face;
GRANT SELECT, INSERT, UPDATE ON erasure_position TO bigbrother_face;

-- The planner keeps samples of every column it analyses, in a catalog of its own: names, keys and
-- embeddings of people who were erased would stay in it. Naming its type again drops what a column
-- has there already. No query chooses its way by any of them.
DO $block$
DECLARE
    personal record;
BEGIN
    FOR personal IN
        SELECT a.attrelid::regclass AS held_in, a.attname AS name,
               format_type(a.atttypid, a.atttypmod) AS type
        FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND NOT a.attisdropped
          AND (
              (c.relname, a.attname) IN (
                  ('subject', 'external_id'), ('subject', 'name'), ('subject', 'metadata'),
                  ('subject', 'consent_purpose'), ('subject', 'consent_reference'),
                  ('subject_key', 'wrapped_key'), ('face', 'image_sha256'),
                  ('crop', 'sealed_png'), ('idempotency', 'key'), ('idempotency', 'body'),
                  ('idempotency', 'location'), ('idempotency', 'request_sha256'),
                  ('batch', 'wrapped_key'), ('batch', 'sealed_webhook_secret'),
                  ('batch_item', 'sealed_request'), ('batch_item', 'subject_mac'),
                  ('batch_item', 'image_sha256'), ('batch_item', 'sealed_result'),
                  ('batch_image', 'sealed_image')
              )
              OR (c.relname ~ '^embedding_[0-9]+$' AND a.attname IN ('embedding', 'checksum'))
          )
    LOOP
        EXECUTE format(
            'ALTER TABLE %s ALTER COLUMN %I TYPE %s, ALTER COLUMN %I SET STATISTICS 0',
            personal.held_in, personal.name, personal.type, personal.name
        );
    END LOOP;
END
$block$;
