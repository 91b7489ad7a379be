-- name: one_at_a_time
SELECT pg_advisory_xact_lock('batch_share'::regclass::oid::bigint);

-- name: virtual_time
SELECT min(virtual_start) AS virtual_time FROM batch_chunk;

-- name: forget_shares
DELETE FROM batch_share;

-- name: share
SELECT virtual_end FROM batch_share WHERE token_id = %(token_id)s;

-- name: store_share
INSERT INTO batch_share (token_id, virtual_end) VALUES (%(token_id)s, %(virtual_end)s)
ON CONFLICT (token_id) DO UPDATE SET virtual_end = excluded.virtual_end;
