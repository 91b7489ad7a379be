"""Whether a figure grew lately, by the readings that the watcher keeps."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean

from bigbrother.operations.monitoring.errors import ReadingUnknown
from bigbrother.operations.monitoring.readings.query import query
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.symptoms import SymptomKind

_PARTS = 3
_POINTS = 12
Trends = Mapping[str, "Trend"]
"""By the reading's name, which is the check's."""


@dataclass(frozen=True, slots=True)
class Trend:
    """A figure at the beginning and at the end of the time that was looked at."""

    name: str
    first: float
    last: float
    unit: str = ""

    def rises(self, share: float) -> bool:
        """Whether it grew by more than this share of what it was; from nothing, at all."""
        return self.last > self.first * (1 + share) and self.last > 0


def trend_of(values: Sequence[float], name: str, unit: str = "") -> Trend | None:
    """The means of the first and of the last third; None with fewer figures than thirds."""
    size = len(values) // _PARTS
    if size == 0:
        return None
    return Trend(name, fmean(values[:size]), fmean(values[-size:]), unit)


def trends(conn: sqlite3.Connection, runbook: Runbook, now: datetime) -> Trends:
    """Of every figure whose growth is a symptom; of several targets, the one that grew most.

    One that nobody has read lately has none.
    """
    wanted = {
        symptom.check
        for issue in runbook.common_issues.values()
        for symptom in issue.symptoms
        if symptom.kind is SymptomKind.INCREASING
    }
    found = {}
    for name in sorted(wanted):
        each = _trends(conn, name, now - runbook.watching.over.duration, now)
        if each:
            found[name] = max(each, key=lambda trend: trend.last - trend.first)
    return found


def _trends(
    conn: sqlite3.Connection, name: str, since: datetime, until: datetime
) -> tuple[Trend, ...]:
    try:
        lines = query(conn, name, {}, since, until, _POINTS)
    except ReadingUnknown:
        return ()
    made = (
        trend_of([bucket.mean for bucket in line.buckets], name, line.series.unit) for line in lines
    )
    return tuple(trend for trend in made if trend is not None)
