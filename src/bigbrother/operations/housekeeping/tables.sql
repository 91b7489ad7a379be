-- How the tables stand that we may vacuum, by the server's own counts.
SELECT s.schemaname AS schema,
       s.relname AS relation,
       s.n_live_tup AS live,
       s.n_dead_tup AS dead,
       s.n_mod_since_analyze AS changed,
       coalesce(s.last_analyze, s.last_autoanalyze) IS NOT NULL AS analysed,
       pg_relation_size(s.relid) AS occupied_bytes
FROM pg_stat_user_tables s
JOIN pg_class c ON c.oid = s.relid
WHERE pg_has_role(c.relowner, 'USAGE') AND c.relkind = 'r' AND c.relpersistence = 'p'
ORDER BY s.n_dead_tup DESC, s.relid
