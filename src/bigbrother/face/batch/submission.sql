-- name: lift_time_limits
SELECT set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true),
       set_config('idle_in_transaction_session_timeout', '0', true);

-- name: waiting_items
SELECT coalesce(sum(items - succeeded - failed - cancelled - erased), 0) AS waiting
FROM batch WHERE state = 'running';

-- name: create
INSERT INTO batch (
    id, kind, state, priority, collection_id, token_id, token_name, request_id, purpose, options,
    wrapped_key, webhook_url, sealed_webhook_secret, webhook_state, items, created_at
)
VALUES (
    %(id)s, %(kind)s, 'running', %(priority)s, %(collection_id)s, %(token_id)s, %(token_name)s,
    %(request_id)s, %(purpose)s, %(options)s, %(wrapped_key)s, %(webhook_url)s,
    %(sealed_webhook_secret)s,
    CASE WHEN %(webhook_url)s::text IS NULL THEN NULL ELSE 'waiting' END, %(items)s, %(now)s
);

-- name: copy_items
COPY batch_item (batch_id, number, chunk, state, sealed_request, subject_mac, image_sha256)
FROM STDIN (FORMAT BINARY);

-- name: copy_images
COPY batch_image (batch_id, number, sealed_image) FROM STDIN (FORMAT BINARY);
