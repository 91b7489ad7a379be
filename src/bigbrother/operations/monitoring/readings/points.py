"""Points on their way: written as they come, packed into chunks once their hour is over.

What is written is durable with its scrape; packing an hour and deleting its points is one
transaction, so a watcher that is killed finds either all or nothing of it done, and does it again.
"""

import math
import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta

from bigbrother.operations.monitoring.readings import chunks
from bigbrother.operations.monitoring.readings.chunks import HOUR_SECONDS
from bigbrother.operations.monitoring.readings.rollup import (
    RESOLUTIONS_SECONDS,
    Rollup,
    roll_up,
    roll_up_further,
    significant,
)
from bigbrother.operations.monitoring.readings.series import Reading, series_id

_DIGITS = 5


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


def pack_hours(conn: sqlite3.Connection, now: datetime) -> int:
    """Packs the points of every hour but this one, with their rollups; how many hours that were.

    Points of a future that the clock took back are packed too; nothing is lost by a wrong clock.
    """
    current = int(now.timestamp()) // HOUR_SECONDS
    hours = conn.execute(
        "SELECT DISTINCT series_id, at_ms / :hour_ms AS hour FROM point"
        " WHERE at_ms / :hour_ms != :current ORDER BY series_id, hour",
        {"hour_ms": HOUR_SECONDS * 1000, "current": current},
    ).fetchall()
    days = set()
    for row in hours:
        begin = row["hour"] * HOUR_SECONDS
        _pack_hour(conn, row["series_id"], begin)
        days.add((row["series_id"], begin // 86400 * 86400))
    conn.execute("DELETE FROM point WHERE at_ms / ? != ?", (HOUR_SECONDS * 1000, current))
    for series, day in sorted(days):
        hourly = chunks.rollups(conn, series, HOUR_SECONDS, day, day + 86400)
        chunks.put_rollups(conn, series, 86400, roll_up_further(hourly, 86400 * 1000))
    return len(hours)


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
        for day in {hour // 86400 * 86400 for hour in hours}:
            hourly = fresh_rollups(conn, series, HOUR_SECONDS, day, day + 86400)
            found |= roll_up_further(hourly, 86400 * 1000)
    return {at: each for at, each in found.items() if since * 1000 <= at < until * 1000}


def _hour(conn: sqlite3.Connection, series: int, begin: int) -> dict[int, float]:
    end = begin + HOUR_SECONDS
    return chunks.raw_points(conn, series, begin, end) | loose_points(conn, series, begin, end)


def _pack_hour(conn: sqlite3.Connection, series: int, begin: int) -> None:
    points = _hour(conn, series, begin)
    chunks.put_raw(conn, series, begin, points)
    for resolution in RESOLUTIONS_SECONDS:
        if resolution <= HOUR_SECONDS:
            chunks.put_rollups(conn, series, resolution, roll_up(points, resolution * 1000))
