-- What is to be sent, to whom. `key` says what it is, so that nothing is sent twice:
-- who pages again after a crash finds the row.
CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('broadcast', 'page', 'resolved', 'test')),
    channel TEXT NOT NULL,
    address TEXT NOT NULL,
    contact TEXT NOT NULL DEFAULT '',
    level TEXT NOT NULL DEFAULT '',
    -- Pages of one key group reach one contact over several channels.
    page_key TEXT NOT NULL DEFAULT '',
    content TEXT NOT NULL,
    -- Pages before broadcasts, grave before light; the least goes first.
    urgency INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'failed')),
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at REAL NOT NULL,
    made_at REAL NOT NULL,
    ended_at REAL,
    answer TEXT NOT NULL DEFAULT ''
);
CREATE INDEX message_due ON message (channel, urgency, due_at, id) WHERE state = 'waiting';
CREATE INDEX message_sending ON message (id) WHERE state = 'sending';
CREATE INDEX message_by_page ON message (page_key, state) WHERE page_key != '';
CREATE INDEX message_failed_page ON message (page_key, ended_at)
    WHERE state = 'failed' AND page_key != '';
CREATE INDEX message_by_end ON message (ended_at) WHERE ended_at IS NOT NULL;

-- Which alerts a message is about, to find an alert's messages.
CREATE TABLE message_alert (
    alert_id TEXT NOT NULL,
    message_id INTEGER NOT NULL REFERENCES message ON DELETE CASCADE,
    PRIMARY KEY (alert_id, message_id)
) WITHOUT ROWID;
CREATE INDEX message_alert_by_message ON message_alert (message_id);
