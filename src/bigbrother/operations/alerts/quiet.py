"""Who must not page now: silences, maintenance windows and inhibitions. Pure.

Quiet keeps an alert from paging and from nothing else: it fires, is resolved and is written down
as ever, and its end is never quiet.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bigbrother.operations.alerts.inhibition import Inhibitors
from bigbrother.operations.alerts.matching import ALERT, matches, matches_any
from bigbrother.operations.alerts.records import Alert, AlertState
from bigbrother.operations.alerts.silences import Silence
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.sections.alerting import Maintenance


@dataclass(frozen=True, slots=True)
class Quiet:
    """Why an alert does not page."""

    reason: Literal["silence", "maintenance", "inhibition"]
    by: str
    """The silence's id, the window's name, or the id of the alert that inhibits it."""
    until: datetime | None
    """When to look again at the latest; None: when the alerts change."""


class Quieter:
    """Decides for all alerts of one moment."""

    def __init__(
        self,
        open_alerts: Iterable[Alert],
        silences: Sequence[Silence],
        runbook: Runbook,
        at: datetime,
    ) -> None:
        self._silences: dict[str | None, list[Silence]] = defaultdict(list)
        for silence in silences:
            if silence.state(at) == "active":
                self._silences[silence.matcher.get(ALERT)].append(silence)
        self._windows = [
            (window, until)
            for window in runbook.alerts.maintenance
            if (until := _open_until(window, at)) is not None
        ]
        self._inhibitors = Inhibitors(open_alerts, runbook.alerts.inhibitions)

    @property
    def epoch(self) -> object:
        """Equal as long as all answers are the same for alerts that do not change themselves."""
        silences = sorted(
            (each.id, each.ends_at) for group in self._silences.values() for each in group
        )
        windows = [(window.name, window.quiet) for window, _ in self._windows]
        return (silences, windows, self._inhibitors.epoch)

    def of(self, alert: Alert) -> Quiet | None:
        """Why this alert does not page now; None if it may, or is over."""
        if alert.state is AlertState.RESOLVED:
            return None
        return self._silence(alert) or self._maintenance(alert) or self._inhibition(alert)

    def _silence(self, alert: Alert) -> Quiet | None:
        if not self._silences:
            return None
        found = [
            silence
            for key in (alert.name, None)
            for silence in self._silences.get(key, ())
            if matches(silence.matcher, alert)
        ]
        if not found:
            return None
        longest = max(found, key=lambda silence: silence.ends_at)
        return Quiet("silence", longest.id, longest.ends_at)

    def _maintenance(self, alert: Alert) -> Quiet | None:
        for window, until in self._windows:
            if not window.quiet or matches_any(window.quiet, alert):
                return Quiet("maintenance", window.name, until)
        return None

    def _inhibition(self, alert: Alert) -> Quiet | None:
        source = self._inhibitors.of(alert)
        return None if source is None else Quiet("inhibition", source, None)


def quiet(
    alert: Alert,
    open_alerts: Iterable[Alert],
    silences: Sequence[Silence],
    runbook: Runbook,
    at: datetime,
) -> Quiet | None:
    """Why one alert does not page; for many of one moment ask a `Quieter`."""
    return Quieter(open_alerts, silences, runbook, at).of(alert)


def _open_until(window: Maintenance, at: datetime) -> datetime | None:
    """When the window that is open at this moment ends, unless it begins anew before."""
    begins_at = window.cron.next_after(at - window.lasts.duration, window.time_zone)
    return begins_at + window.lasts.duration if begins_at <= at else None
