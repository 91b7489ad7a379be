"""What is about to be said, kept for a moment so that a storm becomes one message.

Nothing of it is remembered before it is queued: whoever begins anew after a crash decides again.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bigbrother.operations.alerts.records import Alert
from bigbrother.operations.escalation.page import Page
from bigbrother.runbook.sections.alerting import Severity

Kind = Literal["broadcast", "page", "diagnosis", "resolved"]


@dataclass(frozen=True, slots=True)
class Hearers:
    """Who gets one message: alerts of one severity for the same people go together."""

    kind: Kind
    severity: Severity
    channel: str = ""
    """Of a broadcast; personal pages have a contact in its place."""
    contact: str = ""
    quiet: bool = False
    asks: str = ""
    """Of a follow-up: the run whose approval is asked for; each is asked for by itself."""

    @property
    def known_as(self) -> tuple[str, str]:
        """As `said` names them."""
        return ("paged", self.contact) if self.contact else ("told", self.channel)


@dataclass(slots=True)
class Group:
    """The alerts of one message."""

    hearers: Hearers
    flush_at: datetime
    alerts: dict[str, Alert] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    """By key; of personal pages only."""

    @property
    def key(self) -> str:
        """The same for the same alerts in the same episodes, whoever computes it."""
        parts = [f"{self.hearers}"]
        parts += sorted(self.pages)
        parts += sorted(
            f"{alert.id} {alert.fired_at} {alert.resolved_at}" for alert in self.alerts.values()
        )
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


class Gathering:
    """Groups that wait for their moment."""

    def __init__(self) -> None:
        self._groups: dict[Hearers, Group] = {}

    def add(self, hearers: Hearers, alert: Alert, flush_at: datetime, page: Page | None) -> None:
        """One alert for these people; the group's first one sets its moment."""
        group = self._groups.get(hearers)
        if group is None:
            group = self._groups[hearers] = Group(hearers, flush_at)
        group.alerts[alert.id] = alert
        if page is not None:
            group.pages[page.key] = page

    def drop(self, alert_ids: Iterable[str]) -> None:
        """Takes alerts out that ended, were acknowledged or silenced at the last moment."""
        for alert_id in alert_ids:
            for hearers, group in list(self._groups.items()):
                if hearers.kind == "resolved":
                    continue
                group.alerts.pop(alert_id, None)
                for key in [key for key, page in group.pages.items() if page.alert_id == alert_id]:
                    del group.pages[key]
                if not group.alerts:
                    del self._groups[hearers]

    def due(self, now: datetime) -> list[Group]:
        """Takes the groups whose moment has come."""
        found = [group for group in self._groups.values() if group.flush_at <= now]
        for group in found:
            del self._groups[group.hearers]
        return found

    def next_due(self) -> datetime | None:
        """The next group's moment."""
        return min((group.flush_at for group in self._groups.values()), default=None)
