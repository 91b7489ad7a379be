-- Times are seconds since 1970 in UTC, as REAL.
CREATE TABLE alert (
    id TEXT PRIMARY KEY,
    -- Digest of origin, name and labels: one that is not resolved exists once.
    fingerprint TEXT NOT NULL,
    name TEXT NOT NULL,
    labels TEXT NOT NULL,
    severity TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'firing', 'resolved')),
    -- Where it comes from: the watcher's own findings, or others who sent it in.
    origin TEXT NOT NULL CHECK (origin IN ('watcher', 'sent-in')),
    summary TEXT NOT NULL,
    remedy TEXT NOT NULL,
    value REAL,
    unit TEXT NOT NULL,
    threshold TEXT NOT NULL,
    began_at REAL NOT NULL,
    fired_at REAL,
    -- Nobody is paged before: the grace in which its manager may heal a unit.
    page_after REAL,
    resolved_at REAL,
    seen_at REAL NOT NULL,
    flapping INTEGER NOT NULL DEFAULT 0,
    acknowledged_at REAL,
    acknowledged_by TEXT,
    grace_seconds REAL NOT NULL DEFAULT 0,
    -- The severity with which somebody may have been paged: it is not lowered below that.
    floor TEXT,
    -- Of a flapping one: whether the last finding was good.
    healthy INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE UNIQUE INDEX alert_open ON alert (fingerprint) WHERE state != 'resolved';
CREATE INDEX alert_by_end ON alert (resolved_at) WHERE state = 'resolved';

-- What happened to an alert, in the order in which it happened.
CREATE TABLE alert_event (
    id INTEGER PRIMARY KEY,
    alert_id TEXT NOT NULL REFERENCES alert ON DELETE CASCADE,
    at REAL NOT NULL,
    kind TEXT NOT NULL,
    who TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT ''
);
CREATE INDEX alert_event_by_alert ON alert_event (alert_id, id);

-- When a fingerprint changed between good and bad, over its alerts: too often is flapping.
CREATE TABLE alert_change (
    fingerprint TEXT PRIMARY KEY,
    -- The newest of them, oldest first, as a JSON list.
    times TEXT NOT NULL,
    last_at REAL NOT NULL
) WITHOUT ROWID;

CREATE TABLE silence (
    id TEXT PRIMARY KEY,
    matcher TEXT NOT NULL,
    begins_at REAL NOT NULL,
    ends_at REAL NOT NULL,
    who TEXT NOT NULL,
    reason TEXT NOT NULL,
    made_at REAL NOT NULL
) WITHOUT ROWID;
