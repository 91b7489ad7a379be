"""When the database will have filled its disk, at the pace of the last day."""

import sqlite3
from dataclasses import replace

from bigbrother.operations.checks.result import Result, measured, unknown
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.operations.diagnostics import history
from bigbrother.operations.diagnostics.bounds import limits_of
from bigbrother.operations.diagnostics.database import UNIT
from bigbrother.operations.diagnostics.errors import HistoryAway
from bigbrother.operations.diagnostics.scene import Scene
from bigbrother.operations.monitoring.errors import ReadingUnknown
from bigbrother.operations.monitoring.readings.query import Bucket, query
from bigbrother.operations.monitoring.tasks.database_size import READING

NAME = "database_growth"
_NEVER_SECONDS = 10 * 365 * 86400.0
_POINTS = 48
_LEAST_SPAN = 0.1
"""Share of the time that must be known: the growth of a moment says nothing of a day."""


def look(scene: Scene) -> tuple[Result, ...]:
    """Seconds until the disk is full; ten years where it does not grow."""
    diagnostics = scene.runbook.diagnostics
    bounds = limits_of(diagnostics.limits.disk_full_in)
    over = diagnostics.looks.growth_over
    points = history.read(scene, lambda conn: _sizes(conn, scene))
    span = (points[-1].at - points[0].at).total_seconds() if points else 0.0
    if span < _LEAST_SPAN * over.value:
        few = sentence("Its size has not been known for long enough.")
        return (replace(unknown(NAME, bounds, few), target=UNIT),)
    grown = points[-1].mean - points[0].mean
    (mount, *_) = scene.host.mounts((scene.settings.data / "postgres",))
    left = _NEVER_SECONDS
    if grown > 0:
        left = min(_NEVER_SECONDS, mount.free_bytes / (grown / span))
    return (
        measured(
            NAME,
            left,
            "seconds",
            bounds,
            target=UNIT,
            evidence=(
                sentence(
                    "It has {size}, and grew by {grown} within {hours} hours; {free} are free.",
                    size=Figure(points[-1].mean, "bytes"),
                    grown=Figure(grown, "bytes"),
                    hours=Figure(span / 3600, "count"),
                    free=Figure(mount.free_bytes, "bytes"),
                ),
            ),
            remedy=sentence(
                "See what grows: \\dt+ in psql; shorten retentions, or enlarge the disk."
            ),
        ),
    )


def _sizes(conn: sqlite3.Connection, scene: Scene) -> tuple[Bucket, ...]:
    now = scene.clock.now()
    since = now - scene.runbook.diagnostics.looks.growth_over.duration
    try:
        (line, *_) = query(conn, READING, {}, since, now, _POINTS)
    except ReadingUnknown as error:
        raise HistoryAway(
            "The watcher has not noted the database's size yet.",
            remedy="It does every few minutes while it runs.",
        ) from error
    return line.buckets
