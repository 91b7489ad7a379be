-- Who keeps dead rows from being removed: the session with the oldest view of the data.
SELECT pid, usename FROM pg_stat_activity
WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid()
  AND backend_type = 'client backend' AND datname = current_database()
ORDER BY age(backend_xmin) DESC
LIMIT 1
