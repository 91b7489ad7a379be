-- name: verify
SELECT code, relation, row_id, detail FROM verify_integrity() ORDER BY code, relation, row_id;
