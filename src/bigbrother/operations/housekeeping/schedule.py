"""When housekeeping is due: pure decisions from the last due moments, the document and the time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bigbrother.kernel.schedule import Cron
from bigbrother.operations.procedures.catalogue import slug
from bigbrother.runbook.model import Runbook

# Looked back so far, one after the other, for the newest moment: what comes every minute is found
# in the first, and few moments are counted in any.
_LOOKS_BACK = tuple(timedelta(hours=hours) for hours in (1, 24, 24 * 7, 24 * 31, 24 * 366))


@dataclass(frozen=True, slots=True)
class Due:
    """One procedure that is to be run now."""

    procedure: str
    due_at: datetime
    """UTC; the newest moment at which it was due."""

    @property
    def run_id(self) -> str:
        """The same for the same moment: it is run once, whoever starts it and however often."""
        return f"{self.procedure}@{self.due_at:%Y-%m-%dT%H:%M:%SZ}"


def due(runbook: Runbook, last: Mapping[str, datetime], now: datetime) -> list[Due]:
    """What is to be run now, in the order of the moments at which it was due.

    `last` holds, by procedure, the moment at which it was due last or became known. One that is
    not in it waits to become known. What was missed several times runs once.
    """
    found = []
    for procedure, cron, zone in _plans(runbook):
        since = last.get(procedure)
        if since is None:
            continue
        at = _newest(cron, zone, since, now)
        if at is not None:
            found.append(Due(procedure, at))
    return sorted(found, key=lambda each: (each.due_at, each.procedure))


def next_due(runbook: Runbook, last: Mapping[str, datetime], now: datetime) -> datetime | None:
    """The first moment at which something is due, `now` or later; None where nothing ever is."""
    moments = [
        max(now, cron.next_after(last.get(procedure, now), zone))
        for procedure, cron, zone in _plans(runbook)
    ]
    return min(moments, default=None)


def schedules(runbook: Runbook) -> Mapping[str, str]:
    """By procedure, the words of its schedule: who changes them changes when it is due."""
    return {procedure: f"{cron} {zone.key}" for procedure, cron, zone in _plans(runbook)}


def _plans(runbook: Runbook) -> list[tuple[str, Cron, ZoneInfo]]:
    return [
        (f"housekeeping.{slug(name)}", task.cron, task.time_zone)
        for name, task in runbook.housekeeping.items()
    ]


def _newest(cron: Cron, zone: ZoneInfo, since: datetime, now: datetime) -> datetime | None:
    """The newest due moment after `since`, up to now."""
    first = cron.next_after(since, zone)
    if first > now:
        return None
    for look_back in _LOOKS_BACK:
        moment = cron.next_after(max(since, now - look_back), zone)
        if moment <= now:
            return _last_until(cron, zone, moment, now)
    return first


def _last_until(cron: Cron, zone: ZoneInfo, moment: datetime, now: datetime) -> datetime:
    while (following := cron.next_after(moment, zone)) <= now:
        moment = following
    return moment
