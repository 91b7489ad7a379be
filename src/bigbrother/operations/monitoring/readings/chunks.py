"""Where packed points lie: as they came, an hour a chunk; rollups, longer spans a chunk."""

import sqlite3
from collections.abc import Mapping

from bigbrother.operations.monitoring.readings.packing import Columns, pack, unpack
from bigbrother.operations.monitoring.readings.rollup import Rollup

RAW = 0
"""The resolution of points as they came."""
HOUR_SECONDS = 3600
DAY_SECONDS = 86400
# Long enough for the packing to find likeness; a chunk is kept until all of it is old enough.
SPANS_SECONDS = {
    RAW: HOUR_SECONDS,
    300: DAY_SECONDS,
    HOUR_SECONDS: 4 * DAY_SECONDS,
    DAY_SECONDS: 32 * DAY_SECONDS,
}


def raw_points(
    conn: sqlite3.Connection, series_id: int, since: int, until: int
) -> dict[int, float]:
    """The packed points of [since, until) in seconds, by their time in milliseconds."""
    found: dict[int, float] = {}
    for columns in _chunks(conn, series_id, RAW, since, until):
        found |= zip(columns.times, columns.values[0], strict=True)
    return {at: value for at, value in found.items() if since * 1000 <= at < until * 1000}


def rollups(
    conn: sqlite3.Connection, series_id: int, resolution: int, since: int, until: int
) -> dict[int, Rollup]:
    """The packed rollups of [since, until) in seconds, by their beginnings in milliseconds."""
    found = {}
    for columns in _chunks(conn, series_id, resolution, since, until):
        for at, count, total, least, greatest in zip(columns.times, *columns.values, strict=True):
            if since <= at * resolution < until:
                found[at * resolution * 1000] = Rollup(int(count), total, least, greatest)
    return found


def put_raw(
    conn: sqlite3.Connection, series_id: int, begins_at: int, points: Mapping[int, float]
) -> None:
    """Writes an hour's points, by their time in milliseconds."""
    times = tuple(sorted(points))
    values = tuple(points[at] for at in times)
    _put(conn, series_id, RAW, begins_at, Columns(times, (values,)))


def put_rollups(
    conn: sqlite3.Connection, series_id: int, resolution: int, fresh: Mapping[int, Rollup]
) -> None:
    """Writes rollups by their beginnings in milliseconds; others of their chunks stay."""
    span = SPANS_SECONDS[resolution]
    for begins_at in sorted({at // 1000 // span * span for at in fresh}):
        merged = rollups(conn, series_id, resolution, begins_at, begins_at + span)
        merged |= {at: each for at, each in fresh.items() if at // 1000 // span * span == begins_at}
        times = sorted(merged)
        ordered = [merged[at] for at in times]
        columns = (
            tuple(float(each.count) for each in ordered),
            tuple(each.total for each in ordered),
            tuple(each.least for each in ordered),
            tuple(each.greatest for each in ordered),
        )
        numbers = tuple(at // 1000 // resolution for at in times)
        _put(conn, series_id, resolution, begins_at, Columns(numbers, columns))


def oldest(conn: sqlite3.Connection, series_id: int, resolution: int) -> int | None:
    """When the oldest chunk begins, in seconds; None without one."""
    row = conn.execute(
        "SELECT min(begins_at) AS oldest FROM chunk WHERE series_id = ? AND resolution = ?",
        (series_id, resolution),
    ).fetchone()
    return None if row["oldest"] is None else int(row["oldest"])


def delete_before(conn: sqlite3.Connection, resolution: int, moment: int) -> int:
    """Deletes the chunks that end by this second; how many they were."""
    return conn.execute(
        "DELETE FROM chunk WHERE resolution = ? AND begins_at <= ?",
        (resolution, moment - SPANS_SECONDS[resolution]),
    ).rowcount


def _chunks(
    conn: sqlite3.Connection, series_id: int, resolution: int, since: int, until: int
) -> list[Columns]:
    rows = conn.execute(
        "SELECT points FROM chunk WHERE series_id = ? AND resolution = ?"
        " AND begins_at > ? AND begins_at < ? ORDER BY begins_at",
        (series_id, resolution, since - SPANS_SECONDS[resolution], until),
    )
    return [unpack(row["points"]) for row in rows]


def _put(
    conn: sqlite3.Connection, series_id: int, resolution: int, begins_at: int, columns: Columns
) -> None:
    conn.execute(
        "INSERT INTO chunk (series_id, resolution, begins_at, points) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET points = excluded.points",
        (series_id, resolution, begins_at, pack(columns)),
    )
