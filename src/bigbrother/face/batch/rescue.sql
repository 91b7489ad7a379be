-- name: only_one
SELECT pg_try_advisory_xact_lock(%(lock)s) AS held;

-- name: forgotten
-- Chunks that still have something to do although no job names them any more.
SELECT c.batch_id, c.chunk
FROM batch_chunk c
WHERE NOT EXISTS (
    SELECT FROM procrastinate_jobs j WHERE j.id = c.job_id AND j.status IN ('todo', 'doing')
)
ORDER BY c.batch_id, c.chunk
LIMIT %(limit)s
FOR UPDATE OF c SKIP LOCKED;

-- name: assign
UPDATE batch_chunk c SET job_id = a.job_id
FROM unnest(%(chunks)s::integer[], %(jobs)s::bigint[]) AS a (chunk, job_id)
WHERE c.batch_id = %(batch_id)s AND c.chunk = a.chunk;

-- name: unfinished
SELECT id, webhook_url FROM batch
WHERE state = 'running' AND items = succeeded + failed + cancelled + erased;
