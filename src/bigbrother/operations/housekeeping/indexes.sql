-- Indexes that we may rebuild, with what their size should follow from. A table without figures
-- of the planner tells nothing of its indexes.
SELECT n.nspname AS schema,
       c.relname AS relation,
       t.relname AS of_table,
       m.amname AS method,
       pg_relation_size(c.oid) AS occupied_bytes,
       -- A partial index holds a share of the rows that the server knew when it was analysed.
       c.reltuples * s.n_live_tup / t.reltuples AS rows,
       coalesce((SELECT option_value::int FROM pg_options_to_table(c.reloptions)
                 WHERE option_name = 'fillfactor'), 90) / 100.0::float8 AS fill_ratio,
       coalesce((SELECT option_value::int FROM pg_options_to_table(c.reloptions)
                 WHERE option_name = 'm'), 16) AS links,
       a.columns,
       a.dimension,
       a.type
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_namespace n ON n.oid = t.relnamespace
JOIN pg_am m ON m.oid = c.relam
JOIN pg_stat_user_tables s ON s.relid = i.indrelid
CROSS JOIN LATERAL (
    SELECT array_agg(b.attname::text ORDER BY k.place) AS columns,
           min(b.atttypmod) AS dimension,
           min(y.typname::text) AS type
    FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place)
    JOIN pg_attribute b ON b.attrelid = i.indrelid AND b.attnum = k.number
    JOIN pg_type y ON y.oid = b.atttypid
) a
WHERE pg_has_role(c.relowner, 'USAGE')
  AND i.indisvalid
  AND t.reltuples > 0 AND c.reltuples >= 0
  -- Of an expression nobody knows the size of its keys.
  AND NOT (0 = ANY (i.indkey::int2[]))
  AND m.amname IN ('btree', 'hnsw')
ORDER BY n.nspname, c.relname
