-- name: with_webhook
SELECT id FROM batch WHERE id = ANY(%(batches)s) AND webhook_url IS NOT NULL ORDER BY id;
