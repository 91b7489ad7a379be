-- Runs of procedures.
CREATE TABLE run (
    id TEXT PRIMARY KEY,
    procedure TEXT NOT NULL,
    resource TEXT NOT NULL,
    arguments TEXT NOT NULL,
    -- The steps as the procedure stood when the run began, and their fingerprint.
    steps TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    alert_id TEXT,
    created_at REAL NOT NULL,
    updated_at REAL NOT NULL,
    ended_at REAL,
    error TEXT NOT NULL DEFAULT '',
    remedy TEXT NOT NULL DEFAULT '',
    cancel_asked INTEGER NOT NULL DEFAULT 0,
    pause_asked INTEGER NOT NULL DEFAULT 0,
    -- Who drives it: each owner counts one up, and one that was overtaken writes nothing more.
    owner TEXT NOT NULL DEFAULT '',
    epoch INTEGER NOT NULL DEFAULT 0,
    lease_until REAL NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX run_by_time ON run (created_at DESC);
CREATE INDEX run_by_procedure ON run (procedure, created_at DESC);
CREATE INDEX run_open ON run (state, resource) WHERE ended_at IS NULL;

-- Every attempt at every step.
CREATE TABLE attempt (
    run_id TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    -- do or undo
    phase TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    action TEXT NOT NULL,
    state TEXT NOT NULL,
    began_at REAL NOT NULL,
    ended_at REAL,
    outcome TEXT,
    error TEXT NOT NULL DEFAULT '',
    -- The step's process, which a watcher that takes over makes sure is gone.
    process_id INTEGER,
    process_started REAL,
    PRIMARY KEY (run_id, number, phase, attempt)
) WITHOUT ROWID;

-- What somebody was asked and said.
CREATE TABLE approval (
    run_id TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    asked_at REAL NOT NULL,
    until REAL NOT NULL,
    decided_at REAL,
    approved INTEGER,
    who TEXT NOT NULL DEFAULT '',
    why TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (run_id, number)
) WITHOUT ROWID;

-- What happened in a run, in order: changes of state, and every line, command, output and exit.
CREATE TABLE run_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    at REAL NOT NULL,
    kind TEXT NOT NULL,
    data TEXT NOT NULL
);
CREATE INDEX run_event_of ON run_event (run_id, id);
