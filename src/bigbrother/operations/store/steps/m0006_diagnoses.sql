-- What diagnoses found; one serves all alerts that fired about then.
CREATE TABLE diagnosis (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    seconds REAL NOT NULL,
    found TEXT NOT NULL
);
CREATE INDEX diagnosis_by_time ON diagnosis (at);

-- By which diagnosis an alert is explained, of each time that it fired.
CREATE TABLE diagnosed (
    alert_id TEXT NOT NULL REFERENCES alert (id) ON DELETE CASCADE,
    fired_at REAL NOT NULL,
    diagnosis_id INTEGER NOT NULL REFERENCES diagnosis (id) ON DELETE CASCADE,
    PRIMARY KEY (alert_id, fired_at)
) WITHOUT ROWID;

-- A message may be a diagnosis now. SQLite cannot change a CHECK, so both tables are made anew;
-- what points to the one is carried over before it goes.
CREATE TABLE message_new (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL
        CHECK (kind IN ('broadcast', 'page', 'diagnosis', 'resolved', 'test')),
    channel TEXT NOT NULL,
    address TEXT NOT NULL,
    contact TEXT NOT NULL DEFAULT '',
    level TEXT NOT NULL DEFAULT '',
    page_key TEXT NOT NULL DEFAULT '',
    content TEXT NOT NULL,
    urgency INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'failed')),
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at REAL NOT NULL,
    made_at REAL NOT NULL,
    ended_at REAL,
    answer TEXT NOT NULL DEFAULT ''
);
INSERT INTO message_new SELECT * FROM message;
CREATE TABLE message_alert_new (
    alert_id TEXT NOT NULL,
    message_id INTEGER NOT NULL REFERENCES message_new ON DELETE CASCADE,
    PRIMARY KEY (alert_id, message_id)
) WITHOUT ROWID;
INSERT INTO message_alert_new SELECT * FROM message_alert;
DROP TABLE message_alert;
DROP TABLE message;
ALTER TABLE message_new RENAME TO message;
ALTER TABLE message_alert_new RENAME TO message_alert;
CREATE INDEX message_due ON message (channel, urgency, due_at, id) WHERE state = 'waiting';
CREATE INDEX message_sending ON message (id) WHERE state = 'sending';
CREATE INDEX message_by_page ON message (page_key, state) WHERE page_key != '';
CREATE INDEX message_failed_page ON message (page_key, ended_at)
    WHERE state = 'failed' AND page_key != '';
CREATE INDEX message_by_end ON message (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX message_alert_by_message ON message_alert (message_id);
