"""Points on their way: written as they come, packed into chunks once their hour is over.

What is written is durable with its scrape; packing an hour and deleting its points is one
transaction, so a watcher that is killed finds either all or nothing of it done, and does it again.
"""

import math
import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta

from bigbrother.operations.monitoring.readings import chunks
from bigbrother.operations.monitoring.readings.chunks import DAY_SECONDS, HOUR_SECONDS
from bigbrother.operations.monitoring.readings.rollup import (
    RESOLUTIONS_SECONDS,
    Rollup,
    roll_up,
    roll_up_further,
    significant,
)
from bigbrother.operations.monitoring.readings.series import Reading, series_id

_DIGITS = 5
_HOUR_MS = HOUR_SECONDS * 1000


def record(
    conn: sqlite3.Connection, readings: Iterable[Reading], now: datetime, keep: timedelta
) -> None:
    """Keeps readings, with five significant digits; one of the same moment replaces the other.

    Those that are older than points are kept (`keep`) are not taken: their rollups are final.
    """
    oldest = (now - keep).timestamp() + HOUR_SECONDS
    rows = [
        (round(each.at.timestamp() * 1000), series_id(conn, each), significant(each.value, _DIGITS))
        for each in readings
        if math.isfinite(each.value) and each.at.timestamp() >= oldest
    ]
    conn.executemany(
        "INSERT INTO point (at_ms, series_id, value) VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET value = excluded.value",
        rows,
    )


def pack_hour(conn: sqlite3.Connection, now: datetime) -> bool:
    """Packs the points of the oldest hour but this one, with their rollups; whether there was one.

    Points of a future that the clock took back are packed too; nothing is lost by a wrong clock.
    """
    row = conn.execute(
        "SELECT min(at_ms / :hour_ms) AS hour FROM point WHERE at_ms / :hour_ms != :current",
        {"hour_ms": _HOUR_MS, "current": int(now.timestamp()) // HOUR_SECONDS},
    ).fetchone()
    if row["hour"] is None:
        return False
    begin = row["hour"] * HOUR_SECONDS
    span = (begin * 1000, (begin + HOUR_SECONDS) * 1000)
    within = "WHERE at_ms >= ? AND at_ms < ?"
    for found in conn.execute(f"SELECT DISTINCT series_id FROM point {within}", span).fetchall():  # noqa: S608
        _pack(conn, found["series_id"], begin)
    conn.execute(f"DELETE FROM point {within}", span)  # noqa: S608
    return True


def loose_points(conn: sqlite3.Connection, series: int, since: int, until: int) -> dict[int, float]:
    """The points of [since, until) in seconds that are in no chunk, by milliseconds."""
    rows = conn.execute(
        "SELECT at_ms, value FROM point WHERE at_ms >= ? AND at_ms < ? AND series_id = ?",
        (since * 1000, until * 1000, series),
    )
    return {row["at_ms"]: row["value"] for row in rows}


def fresh_rollups(
    conn: sqlite3.Connection, series: int, resolution: int, since: int, until: int
) -> dict[int, Rollup]:
    """Rollups of [since, until) of all points, packed or not, by beginnings in milliseconds."""
    found = chunks.rollups(conn, series, resolution, since, until)
    span = max(resolution, HOUR_SECONDS)
    loose = loose_points(conn, series, since // span * span, -(-until // span) * span)
    hours = {at // 1000 // HOUR_SECONDS * HOUR_SECONDS for at in loose}
    if resolution <= HOUR_SECONDS:
        for hour in hours:
            found |= roll_up(_hour(conn, series, hour), resolution * 1000)
    else:
        for day in {hour // DAY_SECONDS * DAY_SECONDS for hour in hours}:
            hourly = fresh_rollups(conn, series, HOUR_SECONDS, day, day + DAY_SECONDS)
            found |= roll_up_further(hourly, DAY_SECONDS * 1000)
    return {at: each for at, each in found.items() if since * 1000 <= at < until * 1000}


def _hour(conn: sqlite3.Connection, series: int, begin: int) -> dict[int, float]:
    end = begin + HOUR_SECONDS
    return chunks.raw_points(conn, series, begin, end) | loose_points(conn, series, begin, end)


def _pack(conn: sqlite3.Connection, series: int, begin: int) -> None:
    points = _hour(conn, series, begin)
    chunks.put_raw(conn, series, begin, points)
    for resolution in RESOLUTIONS_SECONDS:
        if resolution <= HOUR_SECONDS:
            chunks.put_rollups(conn, series, resolution, roll_up(points, resolution * 1000))
    day = begin // DAY_SECONDS * DAY_SECONDS
    hourly = chunks.rollups(conn, series, HOUR_SECONDS, day, day + DAY_SECONDS)
    chunks.put_rollups(conn, series, DAY_SECONDS, roll_up_further(hourly, DAY_SECONDS * 1000))
