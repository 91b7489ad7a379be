"""An alert as it is kept, and what happens to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from bigbrother.runbook.sections.alerting import Severity

Origin = Literal["watcher", "sent-in"]
EventKind = Literal[
    "pending",
    "fired",
    "raised",
    "lowered",
    "resolved",
    "forgotten",
    "flapping",
    "calm",
    "acknowledged",
    "unacknowledged",
    "paged",
    "escalated",
    "told",
    "diagnosed",
    "asked",
    "run",
    "failed",
    "breached",
    "quieted",
    "heard",
]


class AlertState(StrEnum):
    """The life of an alert."""

    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert; open until it is resolved."""

    id: str
    fingerprint: str
    name: str
    labels: Mapping[str, str]
    severity: Severity
    state: AlertState
    origin: Origin
    summary: str
    remedy: str
    value: float | None
    unit: str
    threshold: str
    began_at: datetime
    fired_at: datetime | None
    page_after: datetime | None
    """Nobody is paged before; None until it fires."""
    resolved_at: datetime | None
    seen_at: datetime
    flapping: bool
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    grace_seconds: float = 0
    """From firing to the first page."""
    floor: Severity | None = None
    """What somebody may have been paged with; it is not lowered below that."""
    healthy: bool = False
    """Of one that is flapping: whether the last finding was good."""


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """Something that happened to an alert."""

    at: datetime
    kind: EventKind
    who: str = ""
    detail: str = ""
