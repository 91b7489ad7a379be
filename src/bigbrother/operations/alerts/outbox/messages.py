"""A message, and the snapshot of alerts that it is written from."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, Self

from bigbrother.operations.alerts.records import Alert
from bigbrother.runbook.sections.alerting import SEVERITIES, AlertConfig, Severity

MessageKind = Literal["broadcast", "page", "diagnosis", "resolved", "test"]
"""`diagnosis`: what a diagnosis found of alerts that were told before it was ready."""
CHANNEL_FAILING = "channel_failing"
"""The alert about a channel that does not deliver; its label `channel` says which."""
_TIMES = ("fired_at", "resolved_at")


@dataclass(frozen=True, slots=True)
class ToldAlert:
    """An alert as it stood when the message was queued."""

    id: str
    name: str
    severity: Severity
    summary: str
    remedy: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    value: float | None = None
    unit: str = ""
    threshold: str = ""
    fired_at: datetime | None = None
    resolved_at: datetime | None = None
    diagnosis: str = ""
    """Lines that a diagnosis found; may be empty."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says, the gravest alert first; enough to write it after a restart."""

    alerts: tuple[ToldAlert, ...] = ()
    acknowledge_url: str = ""
    rest: int = 0
    """Alerts that the message is about, too, and does not name."""

    @classmethod
    def of(
        cls,
        alerts: Iterable[Alert],
        *,
        acknowledge_url: str = "",
        diagnoses: Mapping[str, str] | None = None,
    ) -> "Content":
        """A snapshot of these alerts; `diagnoses` by an alert's id."""
        found = diagnoses or {}
        told = (
            ToldAlert(
                id=alert.id,
                name=alert.name,
                severity=alert.severity,
                summary=alert.summary,
                remedy=alert.remedy,
                labels=alert.labels,
                value=alert.value,
                unit=alert.unit,
                threshold=alert.threshold,
                fired_at=alert.fired_at,
                resolved_at=alert.resolved_at,
                diagnosis=found.get(alert.id, ""),
            )
            for alert in alerts
        )
        # Stable: among equals the order is the caller's.
        grave_first = sorted(told, key=lambda each: -SEVERITIES.index(each.severity))
        return cls(tuple(grave_first), acknowledge_url)

    def bounded(self, figures: AlertConfig) -> "Content":
        """Without more alerts, or longer texts, than the document lets a message have."""
        longest = figures.longest_text
        kept = tuple(
            replace(
                alert,
                name=_cut(alert.name, longest),
                summary=_cut(alert.summary, longest),
                remedy=_cut(alert.remedy, longest),
                threshold=_cut(alert.threshold, longest),
                unit=_cut(alert.unit, longest),
                diagnosis=_cut(alert.diagnosis, figures.longest_diagnosis),
                labels={
                    _cut(name, longest): _cut(value, longest)
                    for name, value in list(alert.labels.items())[: figures.named_alerts]
                },
            )
            for alert in self.alerts[: figures.named_alerts]
        )
        return replace(self, alerts=kept, rest=self.rest + len(self.alerts) - len(kept))

    def to_json(self) -> str:
        """As it is kept; `from_json` reads it."""
        values = asdict(self)
        for alert in values["alerts"]:
            for name in _TIMES:
                alert[name] = alert[name] and alert[name].isoformat()
        return json.dumps(values, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Content":
        """What `to_json` wrote."""
        values: dict[str, Any] = json.loads(text)
        for alert in values["alerts"]:
            for name in _TIMES:
                alert[name] = alert[name] and datetime.fromisoformat(alert[name])
        values["alerts"] = tuple(ToldAlert(**alert) for alert in values["alerts"])
        return cls(**values)


@dataclass(frozen=True, slots=True)
class NewMessage:
    """Something to be sent to one address of one channel."""

    key: str
    """What is said to whom: the same key is sent once."""
    kind: MessageKind
    channel: str
    address: str
    contact: str
    level: str
    page_key: str
    """The same for all messages of one page; empty for others."""
    alert_ids: tuple[str, ...]
    content: Content
    due_at: datetime

    def bounded(self, figures: AlertConfig) -> Self:
        """With no more content than the document lets a message have."""
        return replace(self, content=self.content.bounded(figures))

    @property
    def urgency(self) -> int:
        """Pages before others, grave before light, what begins before what ended; least first."""
        rank = SEVERITIES.index(self.content.alerts[0].severity) if self.content.alerts else 0
        place = {"test": 0, "page": 0, "broadcast": 1, "diagnosis": 1, "resolved": 2}[self.kind]
        return place * len(SEVERITIES) + len(SEVERITIES) - 1 - rank

    @property
    def about_its_channel(self) -> bool:
        """Whether it says nothing but that its own channel fails."""
        return bool(self.content.alerts) and all(
            alert.name == CHANNEL_FAILING and alert.labels.get("channel") == self.channel
            for alert in self.content.alerts
        )


@dataclass(frozen=True, slots=True)
class Message(NewMessage):
    """A message as it is kept."""

    id: int
    state: Literal["waiting", "sending", "sent", "failed"]
    attempts: int
    """Tries in all, the present one too."""
    made_at: datetime
    ended_at: datetime | None
    answer: str
    """What the last try was answered, for a person; without secrets."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """How a message ended."""

    message: Message
    ok: bool
    answer: str
    at: datetime
    address_refused: bool = False
    """It failed for its address alone; the channel works."""


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
