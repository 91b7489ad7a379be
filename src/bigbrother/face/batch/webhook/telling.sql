-- name: end
SELECT id, kind, state, items, succeeded, failed, cancelled, erased, created_at, finished_at,
       webhook_url, sealed_webhook_secret
FROM batch
WHERE id = %(batch_id)s AND webhook_state = 'waiting' AND finished_at IS NOT NULL;

-- name: told
UPDATE batch SET webhook_state = %(state)s
WHERE id = %(batch_id)s AND webhook_state = 'waiting' AND finished_at = %(finished_at)s;
