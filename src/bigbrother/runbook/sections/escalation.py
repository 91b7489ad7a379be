"""Section 8: who is paged, and when it goes further up."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from bigbrother.runbook.figures import Duration, Schedule, TimeZone
from bigbrother.runbook.section import Section
from bigbrother.runbook.sections.alerting import ChannelType, Severity

Level = Literal["L1", "L2", "L3", "L4"]
LEVELS: tuple[Level, ...] = ("L1", "L2", "L3", "L4")
"""From the first to the last."""


class MatrixRow(Section):
    """Section 8.1, one level."""

    condition: Literal["routine", "technical", "critical", "emergency"]
    contact: str
    time: Duration


class Entry(Section):
    """A level that is paged at once; with `in_hours` only while its contact works."""

    level: Level
    in_hours: bool = False


class Escalation(Section):
    """Section 8.1."""

    matrix: dict[Level, MatrixRow]
    measured_from: Literal["alert", "level"]
    entry: dict[Severity, tuple[Entry, ...]]
    falls_through: tuple[Severity, ...]
    repeat_every: Duration
    backup_after: Duration
    quiet_channels: tuple[ChannelType, ...]

    @model_validator(mode="after")
    def _levels_and_severities_are_complete(self) -> "Escalation":
        missing = [level for level in LEVELS if level not in self.matrix]
        if missing:
            raise ValueError(f"the matrix has no level {', '.join(missing)}.")
        times = [self.matrix[level].time.value for level in LEVELS]
        if times != sorted(times):
            raise ValueError("the matrix's times must grow from level to level.")
        return self


class Contact(Section):
    """Section 8.2, one person or team."""

    team: str = ""
    name: str = ""
    email: Annotated[str, Field(pattern=r"^$|^[^@\s]+@[^@\s]+$")] = ""
    phone: str = ""
    schedule: Schedule
    time_zone: TimeZone = Field(default="UTC", validate_default=True)
    backup: str | None = None
