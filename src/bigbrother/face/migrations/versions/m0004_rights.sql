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
