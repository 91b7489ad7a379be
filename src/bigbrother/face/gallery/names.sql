-- name: of_subjects
SELECT s.id, c.name || '/' || s.external_id AS name
FROM subject s
JOIN collection c ON c.id = s.collection_id
WHERE s.id = ANY(%(ids)s);
