-- name: competing_faces
SELECT count(*) AS faces
FROM {embeddings} e
JOIN subject s ON s.id = e.subject_id
WHERE e.collection_id = %(collection_id)s
  AND s.consent_withdrawn_at IS NULL
  AND (s.consent_expires_at IS NULL OR s.consent_expires_at > %(now)s)
  AND (
      %(kept_since)s::timestamptz IS NULL
      OR EXISTS (
          SELECT FROM face f WHERE f.id = e.face_id AND f.created_at > %(kept_since)s
      )
  );

-- name: stored_faces
SELECT count(*) AS faces
FROM (
    SELECT FROM {embeddings} WHERE collection_id = %(collection_id)s LIMIT %(at_most)s
) AS stored;

-- name: exact
-- DISTINCT ON keeps each subject's best example, so that many of one crowd out nobody.
SELECT s.id AS subject_id, s.external_id, s.name, s.metadata, best.face_id, best.similarity
FROM (
    SELECT DISTINCT ON (e.subject_id)
           e.subject_id, e.face_id, -(e.embedding <#> %(probe)s::{vector}) AS similarity
    FROM {embeddings} e
    JOIN subject s ON s.id = e.subject_id
    WHERE e.collection_id = %(collection_id)s
      AND -(e.embedding <#> %(probe)s::{vector}) >= %(threshold)s
      AND s.consent_withdrawn_at IS NULL
      AND (s.consent_expires_at IS NULL OR s.consent_expires_at > %(now)s)
      AND (
          %(kept_since)s::timestamptz IS NULL
          OR EXISTS (
              SELECT FROM face f WHERE f.id = e.face_id AND f.created_at > %(kept_since)s
          )
      )
    ORDER BY e.subject_id, e.embedding <#> %(probe)s::{vector}, e.face_id
) AS best
JOIN subject s ON s.id = best.subject_id
ORDER BY best.similarity DESC, best.face_id
LIMIT %(limit)s;

-- name: index_settings
-- Without the last two the planner may prefer reading the whole table. An iterative scan goes on
-- past its first candidates until the reader stops. Both of its own limits are put out of reach:
-- past either it hands out what it happens to hold, far faces for near ones, without a sign.
SELECT set_config('hnsw.iterative_scan', 'relaxed_order', true),
       set_config('hnsw.ef_search', %(width)s::text, true),
       set_config('hnsw.max_scan_tuples', '2147483647', true),
       set_config('hnsw.scan_mem_multiplier', '1000', true),
       set_config('enable_seqscan', 'off', true),
       set_config('enable_bitmapscan', 'off', true);

-- name: nearest
-- No filter here: one would make the index scan on for matches below the threshold.
SELECT face_id, collection_id = %(collection_id)s AS here,
       -(embedding <#> %(probe)s::{vector}) AS similarity
FROM {embeddings}
ORDER BY embedding <#> %(probe)s::{vector};

-- name: eligible
SELECT f.id AS face_id, s.id AS subject_id, s.external_id, s.name, s.metadata
FROM face f
JOIN subject s ON s.id = f.subject_id
WHERE f.id = ANY(%(faces)s)
  AND s.consent_withdrawn_at IS NULL
  AND (s.consent_expires_at IS NULL OR s.consent_expires_at > %(now)s)
  AND (%(kept_since)s::timestamptz IS NULL OR f.created_at > %(kept_since)s);
