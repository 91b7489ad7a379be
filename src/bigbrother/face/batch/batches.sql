-- name: get
SELECT b.*, c.name AS collection
FROM batch b
LEFT JOIN collection c ON c.id = b.collection_id
WHERE b.id = %(batch_id)s AND (%(token_id)s::uuid IS NULL OR b.token_id = %(token_id)s);

-- name: page
SELECT b.*, c.name AS collection
FROM batch b
LEFT JOIN collection c ON c.id = b.collection_id
WHERE (%(token_id)s::uuid IS NULL OR b.token_id = %(token_id)s)
  AND (%(state)s::text IS NULL OR b.state = %(state)s)
  AND (%(before)s::uuid IS NULL OR b.id < %(before)s)
ORDER BY b.id DESC
LIMIT %(limit)s;

-- name: hold
-- The lock under which items change their state.
SELECT state, webhook_url FROM batch
WHERE id = %(batch_id)s AND (%(token_id)s::uuid IS NULL OR token_id = %(token_id)s)
FOR NO KEY UPDATE;

-- name: lift_time_limits
SELECT set_config('statement_timeout', '0', true),
       set_config('idle_in_transaction_session_timeout', '0', true);

-- name: jobs
SELECT job_id FROM batch_chunk WHERE batch_id = %(batch_id)s AND job_id IS NOT NULL;

-- name: pending
SELECT number FROM batch_item
WHERE batch_id = %(batch_id)s AND state = 'pending'
ORDER BY number;

-- name: cancel
UPDATE batch SET state = 'cancelled', finished_at = %(now)s WHERE id = %(batch_id)s;

-- name: delete
DELETE FROM batch WHERE id = ANY(%(batches)s);

-- name: expired
SELECT id FROM batch
WHERE finished_at <= %(before)s
ORDER BY finished_at
LIMIT %(limit)s
FOR UPDATE SKIP LOCKED;

-- name: purge_images
DELETE FROM batch_image m
USING (
    SELECT i.batch_id, i.number
    FROM batch_item i
    JOIN batch_image USING (batch_id, number)
    WHERE i.state = 'failed' AND i.done_at <= %(before)s
    LIMIT %(limit)s
) AS old
WHERE m.batch_id = old.batch_id AND m.number = old.number;
