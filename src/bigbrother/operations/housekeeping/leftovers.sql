-- What an interrupted REINDEX CONCURRENTLY left: nobody reads it, everybody who writes keeps it.
-- One that is being built looks the same.
SELECT n.nspname AS schema, c.relname AS relation, pg_relation_size(c.oid) AS occupied_bytes
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT i.indisvalid
  AND c.relname ~ '_cc(new|old)[0-9]*$'
  AND pg_has_role(c.relowner, 'USAGE')
  AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.relid = i.indrelid)
ORDER BY n.nspname, c.relname
