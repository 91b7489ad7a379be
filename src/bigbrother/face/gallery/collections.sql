-- name: create
INSERT INTO collection (id, name, description, keep_crops, retention, created_at)
VALUES (%(id)s, %(name)s, %(description)s, %(keep_crops)s, %(retention)s, %(now)s)
ON CONFLICT (name) DO NOTHING
RETURNING *;

-- name: get
SELECT * FROM collection WHERE name = %(name)s;

-- name: hold
-- The lock keeps the collection from being deleted before the caller's transaction ends.
SELECT * FROM collection WHERE name = %(name)s FOR KEY SHARE;

-- name: page
SELECT * FROM collection WHERE id > %(after)s ORDER BY id LIMIT %(limit)s;
