"""Reads figures over time, in the finest resolution that fits."""

import difflib
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bigbrother.operations.monitoring.errors import ReadingSpanInvalid, ReadingUnknown
from bigbrother.operations.monitoring.readings import chunks
from bigbrother.operations.monitoring.readings.chunks import RAW
from bigbrother.operations.monitoring.readings.points import fresh_rollups, loose_points
from bigbrother.operations.monitoring.readings.rollup import (
    RESOLUTIONS_SECONDS,
    Rollup,
    roll_up,
    roll_up_further,
)
from bigbrother.operations.monitoring.readings.series import Series, all_series


@dataclass(frozen=True, slots=True)
class Bucket:
    """The points of a short span."""

    at: datetime
    """Its beginning; UTC."""
    mean: float
    least: float
    greatest: float
    count: int


@dataclass(frozen=True, slots=True)
class Line:
    """One series over the time that was asked for; a span without points has no bucket."""

    series: Series
    step_seconds: float
    resolution_seconds: int
    """Of what was read: 0 for points as they came."""
    buckets: tuple[Bucket, ...]


def query(
    conn: sqlite3.Connection,
    name: str,
    labels: Mapping[str, str],
    since: datetime,
    until: datetime,
    points: int,
) -> tuple[Line, ...]:
    """Every series of the name that has these labels, each in about `points` buckets at most.

    Raises ReadingUnknown (with the nearest name), ReadingSpanInvalid.
    """
    if until <= since or points < 1:
        raise ReadingSpanInvalid(
            f"From {since.isoformat()} to {until.isoformat()} is no span of time.",
            remedy="Let --since lie before --until.",
        )
    chosen = [each for each in _named(conn, name) if labels.items() <= dict(each.labels).items()]
    if not chosen:
        known = "; ".join(label_text(each.labels) or "none" for each in _named(conn, name))
        raise ReadingUnknown(
            f"No series of {name} has {label_text(labels)}.", remedy=f"Labels there are: {known}."
        )
    return tuple(_line(conn, series, since, until, points) for series in chosen)


def label_text(labels: Mapping[str, str]) -> str:
    """Labels as a person reads them: `mount=/ unit=x`."""
    return " ".join(f"{key}={value}" for key, value in sorted(labels.items()))


def latest(conn: sqlite3.Connection, series: Series) -> Bucket | None:
    """The newest point as it came; None where none is kept."""
    row = conn.execute(
        "SELECT at_ms, value FROM point WHERE series_id = ? ORDER BY at_ms DESC LIMIT 1",
        (series.id,),
    ).fetchone()
    if row is not None:
        return _bucket(row["at_ms"], Rollup(1, row["value"], row["value"], row["value"]))
    row = conn.execute(
        "SELECT max(begins_at) AS newest FROM chunk WHERE series_id = ? AND resolution = ?",
        (series.id, RAW),
    ).fetchone()
    if row["newest"] is None:
        return None
    hour = chunks.raw_points(conn, series.id, row["newest"], row["newest"] + chunks.HOUR_SECONDS)
    at = max(hour)
    return _bucket(at, Rollup(1, hour[at], hour[at], hour[at]))


def _named(conn: sqlite3.Connection, name: str) -> tuple[Series, ...]:
    found = all_series(conn, name)
    if found:
        return found
    names = sorted({each.name for each in all_series(conn)})
    near = difflib.get_close_matches(name, names, n=1)
    if near:
        remedy = f"Did you mean {near[0]}?"
    else:
        remedy = f"Known are: {', '.join(names)}." if names else "The watcher has read nothing yet."
    raise ReadingUnknown(f"No reading has the name {name}.", remedy=remedy)


def _line(
    conn: sqlite3.Connection, series: Series, since: datetime, until: datetime, points: int
) -> Line:
    begin, end = int(since.timestamp()), -int(-until.timestamp() // 1)
    step_ms = max(1, round((until - since).total_seconds() * 1000 / points))
    resolution = _resolution(conn, series, begin, step_ms)
    step_ms = max(step_ms, resolution * 1000)
    if resolution == RAW:
        raw = chunks.raw_points(conn, series.id, begin, end)
        raw |= loose_points(conn, series.id, begin, end)
        grouped = roll_up(raw, step_ms)
    else:
        aligned = begin // resolution * resolution
        found = fresh_rollups(conn, series.id, resolution, aligned, end)
        grouped = roll_up_further(found, step_ms)
    buckets = tuple(_bucket(at, each) for at, each in sorted(grouped.items()))
    return Line(series, step_ms / 1000, resolution, buckets)


def _resolution(conn: sqlite3.Connection, series: Series, begin: int, step_ms: int) -> int:
    """The coarsest that is no coarser than a step; a coarser one where only that reaches back."""
    ordered = (RAW, *RESOLUTIONS_SECONDS)
    chosen = max(each for each in ordered if each * 1000 <= step_ms)
    reached = chunks.oldest(conn, series.id, chosen)
    for coarser in ordered[ordered.index(chosen) + 1 :]:
        oldest = chunks.oldest(conn, series.id, coarser)
        if oldest is None or (reached is not None and reached <= begin):
            break
        # Chunks of rollups begin earlier than their first point: compare what is in them.
        first = _first(conn, series, coarser, oldest)
        if reached is None or (first < reached - coarser and first < reached):
            chosen, reached = coarser, first
    return chosen


def _first(conn: sqlite3.Connection, series: Series, resolution: int, oldest: int) -> int:
    span = chunks.SPANS_SECONDS[resolution]
    return min(chunks.rollups(conn, series.id, resolution, oldest, oldest + span)) // 1000


def _bucket(at_ms: int, rollup: Rollup) -> Bucket:
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    return Bucket(at, rollup.mean, rollup.least, rollup.greatest, rollup.count)
