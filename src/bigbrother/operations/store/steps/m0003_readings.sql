-- Figures over time. A chunk holds an hour's points (or a longer span's rollups), packed.
CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
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

-- The counters of the face analyzer as they stood: differences of two are rates.
CREATE TABLE scrape (
    at REAL PRIMARY KEY,
    counters BLOB NOT NULL
) WITHOUT ROWID;
