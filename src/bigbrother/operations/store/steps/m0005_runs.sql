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
    -- Whether nobody in person asked for it, and whether a person insisted in spite of a freeze.
    automatic INTEGER NOT NULL DEFAULT 0,
    insisted INTEGER NOT NULL DEFAULT 0,
    created_at REAL NOT NULL,
    updated_at REAL NOT NULL,
    ended_at REAL,
    error TEXT NOT NULL DEFAULT '',
    remedy TEXT NOT NULL DEFAULT '',
    cancel_asked INTEGER NOT NULL DEFAULT 0,
    pause_asked INTEGER NOT NULL DEFAULT 0,
    -- Why it is held (changed, unknown, broken), and what a person said about it (go-on, done,
    -- again).
    held TEXT NOT NULL DEFAULT '',
    settled TEXT NOT NULL DEFAULT '',
    -- The procedure's fingerprint that a person was shown, and went on in spite of.
    other_fingerprint TEXT NOT NULL DEFAULT '',
    -- While it is taken back: the state in which that ends.
    ending TEXT NOT NULL DEFAULT '',
    -- Who drives it: each owner counts one up, and one that was overtaken writes nothing more.
    owner TEXT NOT NULL DEFAULT '',
    epoch INTEGER NOT NULL DEFAULT 0,
    lease_until REAL NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX run_by_time ON run (created_at DESC);
CREATE INDEX run_by_procedure ON run (procedure, created_at DESC);
CREATE INDEX run_open ON run (resource, created_at) WHERE ended_at IS NULL;
-- One run a resource: two drivers cannot begin on it, whatever they believe.
CREATE UNIQUE INDEX run_begun ON run (resource) WHERE ended_at IS NULL AND state != 'queued';
CREATE INDEX run_by_resource ON run (resource, created_at) WHERE automatic;

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
    remedy TEXT NOT NULL DEFAULT '',
    -- Whether another try can help.
    again INTEGER NOT NULL DEFAULT 1,
    -- Of one without an end of its own: yes, no or unknown; NULL while nobody has looked.
    happened TEXT,
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
