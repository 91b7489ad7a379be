-- Figures over time. A chunk holds a span's points, packed: an hour of them as they came, a day
-- and more of rollups.
CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    -- As JSON, its keys in order.
    labels TEXT NOT NULL,
    unit TEXT NOT NULL,
    UNIQUE (name, labels)
);
CREATE TABLE chunk (
    series_id INTEGER NOT NULL REFERENCES series ON DELETE CASCADE,
    -- Seconds of one point: 0 as they came, 300, 3600, 86400.
    resolution INTEGER NOT NULL,
    begins_at INTEGER NOT NULL,
    points BLOB NOT NULL,
    PRIMARY KEY (series_id, resolution, begins_at)
) WITHOUT ROWID;

-- Points that are in no chunk yet. In the order of time, so that what comes together lies on one
-- page: a scrape writes one page instead of one for each series.
CREATE TABLE point (
    at_ms INTEGER NOT NULL,
    series_id INTEGER NOT NULL REFERENCES series ON DELETE CASCADE,
    value REAL NOT NULL,
    PRIMARY KEY (at_ms, series_id)
) WITHOUT ROWID;

-- The counters of the face analyzer as they stood: differences of two are rates.
CREATE TABLE scrape (
    at REAL PRIMARY KEY,
    counters BLOB NOT NULL
) WITHOUT ROWID;
