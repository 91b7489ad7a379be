-- When each task is due next, and how its last run went.
CREATE TABLE task (
    name TEXT PRIMARY KEY,
    -- By which schedule it is due, in words: a changed one is noticed.
    schedule TEXT NOT NULL,
    due_at REAL NOT NULL,
    began_at REAL,
    ended_at REAL,
    -- running, repeated (once more after the watcher died in it), done, failed, abandoned.
    outcome TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    -- Runs that never were: the watcher or the machine was away.
    missed INTEGER NOT NULL DEFAULT 0,
    -- Runs that were not begun, since the one before was not over.
    overrun INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- What every check of a run found; the daily reports and their trend.
CREATE TABLE check_run (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    kind TEXT NOT NULL,
    results TEXT NOT NULL
);
CREATE INDEX check_run_by_time ON check_run (kind, at);

-- Small facts that outlive a restart of the watcher.
CREATE TABLE fact (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    at REAL NOT NULL
) WITHOUT ROWID;
