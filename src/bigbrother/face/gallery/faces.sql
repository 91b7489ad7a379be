-- name: create
INSERT INTO face (
    id, subject_id, image_sha256, box_x, box_y, box_width, box_height, score,
    quality_size, quality_sharpness, quality_pose, quality_brightness, quality_overall,
    quality_reasons, created_at
)
VALUES (
    %(id)s, %(subject_id)s, %(image_sha256)s, %(x)s, %(y)s, %(width)s, %(height)s, %(score)s,
    %(size)s, %(sharpness)s, %(pose)s, %(brightness)s, %(overall)s, %(reasons)s, %(now)s
)
ON CONFLICT (subject_id, image_sha256) DO NOTHING
RETURNING id;

-- name: store_embedding
INSERT INTO {embeddings} (face_id, subject_id, collection_id, embedding, checksum)
SELECT %(face_id)s, %(subject_id)s, %(collection_id)s, given.embedding,
       sha256({send}(given.embedding))
FROM (SELECT %(embedding)s::{vector} AS embedding) AS given;

-- name: store_crop
INSERT INTO crop (face_id, sealed_png) VALUES (%(face_id)s, %(sealed_png)s);

-- name: get
SELECT f.*, EXISTS (SELECT FROM crop p WHERE p.face_id = f.id) AS has_crop
FROM face f
WHERE f.subject_id = %(subject_id)s AND f.id = %(face_id)s;

-- name: of_image
SELECT f.*, EXISTS (SELECT FROM crop p WHERE p.face_id = f.id) AS has_crop
FROM face f
WHERE f.subject_id = %(subject_id)s AND f.image_sha256 = %(image_sha256)s;

-- name: page
SELECT f.*, EXISTS (SELECT FROM crop p WHERE p.face_id = f.id) AS has_crop
FROM face f
WHERE f.subject_id = %(subject_id)s AND f.id > %(after)s
ORDER BY f.id
LIMIT %(limit)s;

-- name: crop
SELECT p.sealed_png
FROM face f
LEFT JOIN crop p ON p.face_id = f.id
WHERE f.subject_id = %(subject_id)s AND f.id = %(face_id)s;
