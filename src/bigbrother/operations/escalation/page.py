"""A page: one contact is to be told of one alert."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bigbrother.runbook.sections.escalation import Level

PageReason = Literal[
    "entry", "not-acknowledged", "backup", "unreachable", "off-hours", "breached", "repeated"
]


@dataclass(frozen=True, slots=True)
class Page:
    """Who is to be paged about an alert, from when, and why."""

    key: str
    """The alert, and which of its pages this is; the same whenever it is computed."""
    alert_id: str
    level: Level
    contact: str
    due_at: datetime
    reason: PageReason
    quiet: bool
    """Only over channels that do not wake anybody."""
