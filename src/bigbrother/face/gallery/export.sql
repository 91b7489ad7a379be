-- name: embeddings
SELECT e.face_id, e.embedding::text AS embedding
FROM {embeddings} e
WHERE e.subject_id = %(subject_id)s
ORDER BY e.face_id;
