-- name: queued
SELECT priority, sum(items - succeeded - failed - cancelled - erased)::bigint AS items,
       min(created_at) AS oldest
FROM batch WHERE state = 'running'
GROUP BY priority;

-- name: ended
SELECT state, count(*) AS items, count(*) FILTER (WHERE service_fault) AS faults
FROM batch_item WHERE done_at > %(since)s
GROUP BY state;

-- name: workers
SELECT count(*) AS workers FROM queue.procrastinate_workers WHERE last_heartbeat > %(since)s;
