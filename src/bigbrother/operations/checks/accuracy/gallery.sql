-- name: model_version
SELECT id FROM model_version WHERE name = %(name)s AND version = %(version)s;

-- name: examples
-- Subjects with several examples, in an order that has nothing to do with who they are and is
-- the same each time. First the first example of each, then the second: cut anywhere, it is fair.
WITH eligible AS (
    SELECT e.collection_id, e.subject_id, e.face_id, e.embedding,
           row_number() OVER (PARTITION BY e.subject_id ORDER BY md5(e.face_id::text)) AS turn,
           count(*) OVER (PARTITION BY e.subject_id) AS examples
    FROM {embeddings} e
    JOIN subject s ON s.id = e.subject_id
    JOIN collection c ON c.id = e.collection_id
    JOIN face f ON f.id = e.face_id
    WHERE e.subject_id IN (
        SELECT subject_id FROM {embeddings}
        GROUP BY subject_id HAVING count(*) > 1
        ORDER BY md5(subject_id::text) LIMIT %(subjects)s
    )
      AND s.consent_withdrawn_at IS NULL
      AND (s.consent_expires_at IS NULL OR s.consent_expires_at > %(now)s)
      AND (c.retention IS NULL OR f.created_at > %(now)s - c.retention)
)
SELECT collection_id::text, subject_id::text, embedding::text
FROM eligible WHERE examples > 1
ORDER BY turn, md5(subject_id::text) LIMIT %(faces)s;
