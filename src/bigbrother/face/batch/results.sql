-- name: state
SELECT state FROM batch WHERE id = %(batch_id)s;

-- name: page
SELECT position, number, state, sealed_request, sealed_result, service_fault, done_at
FROM (
    SELECT *, sum(octet_length(sealed_result)) OVER (ORDER BY position) AS bytes_so_far,
           row_number() OVER (ORDER BY position) AS place
    FROM (
        SELECT * FROM batch_item
        WHERE batch_id = %(batch_id)s AND position > %(after)s
        ORDER BY position
        LIMIT %(limit)s
    ) AS next
) AS counted
WHERE place = 1 OR bytes_so_far IS NULL OR bytes_so_far <= %(bytes)s
ORDER BY position;

-- name: people
SELECT id, external_id, name, metadata,
       consent_withdrawn_at IS NULL
           AND (consent_expires_at IS NULL OR consent_expires_at > %(now)s) AS in_force
FROM subject WHERE id = ANY(%(subjects)s);

-- name: batches_about
SELECT batch_id, array_agg(number ORDER BY number) AS numbers
FROM batch_match WHERE subject_id = %(subject_id)s
GROUP BY batch_id ORDER BY batch_id;

-- name: numbered
SELECT position, number, state, sealed_request, sealed_result, service_fault, done_at
FROM batch_item
WHERE batch_id = %(batch_id)s AND number = ANY(%(numbers)s) AND position IS NOT NULL
ORDER BY position;
