-- name: counts
SELECT (SELECT count(*) FROM collection) AS collections,
       (SELECT count(*) FROM subject) AS subjects,
       (SELECT count(*) FROM face) AS faces;

-- name: embeddings
SELECT count(*) AS embeddings FROM {embeddings};
