"""When each level's turn comes, before anybody fails to be reached."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bigbrother.operations.escalation.duty import Duty
from bigbrother.operations.escalation.page import PageReason
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.sections.alerting import Severity
from bigbrother.runbook.sections.escalation import LEVELS, Level


@dataclass(frozen=True, slots=True)
class Turn:
    """A level is to be paged."""

    due_at: datetime
    level: Level
    reason: PageReason
    held_until: datetime | None
    """The level is off hours, and what waits for it is held below until then."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All turns of an alert that nobody acknowledges."""

    turns: tuple[Turn, ...]
    breached_at: datetime
    """From here on every level is paged, again and again."""


def plan(
    severity: Severity, fired_at: datetime, page_after: datetime, runbook: Runbook, duty: Duty
) -> Plan | None:
    """The turns of an alert; None for a severity that pages nobody in person.

    While an alert is held for a level that is off hours, the times of the levels above it stand
    still: they begin to count again when that level is paged.
    """
    entries = runbook.escalation.entry.get(severity, ())
    if not entries:
        return None
    return _Planner(severity, fired_at, max(page_after, fired_at), runbook, duty).plan()


class _Planner:
    def __init__(
        self,
        severity: Severity,
        fired_at: datetime,
        begins_at: datetime,
        runbook: Runbook,
        duty: Duty,
    ) -> None:
        self._falls_through = severity in runbook.escalation.falls_through
        self._entries = runbook.escalation.entry[severity]
        self._escalation = runbook.escalation
        self._fired_at = fired_at
        self._begins_at = begins_at
        self._duty = duty
        self._turns: list[Turn] = []
        self._held = timedelta(0)
        self._paged_at: dict[Level, datetime] = {}
        """When each level had its turn."""
        self._missed: set[Level] = set()
        """Levels that had their turn off hours, and whose alert went past them."""

    def plan(self) -> Plan:
        self._enter()
        lowest = min(LEVELS.index(entry.level) for entry in self._entries)
        for number, level in enumerate(LEVELS):
            if number == 0 or number < lowest:
                continue
            due_at = self._due(LEVELS[number - 1])
            if level not in self._paged_at:
                held = self._add(level, due_at, "not-acknowledged")
                self._held += held
            elif level in self._missed and self._duty.on_duty(level, due_at) is not None:
                self._add(level, due_at, "not-acknowledged")
        return Plan(tuple(self._turns), self._due(LEVELS[-1]))

    def _enter(self) -> None:
        for entry in self._entries:
            if entry.in_hours and self._duty.on_duty(entry.level, self._begins_at) is None:
                continue
            held = self._add(entry.level, self._begins_at, "entry")
            self._held = max(self._held, held)

    def _add(self, level: Level, due_at: datetime, reason: PageReason) -> timedelta:
        """Adds a turn; returns for how long it is held."""
        held_until = None
        if self._duty.on_duty(level, due_at) is None:
            if self._falls_through:
                self._missed.add(level)
            else:
                held_until = self._duty.opens(level, due_at)
        self._turns.append(Turn(due_at, level, reason, held_until))
        self._paged_at[level] = held_until or due_at
        return self._paged_at[level] - due_at

    def _due(self, below: Level) -> datetime:
        """When the time of a level that did not acknowledge is over."""
        time = self._escalation.matrix[below].time.duration
        if self._escalation.measured_from == "level":
            return self._paged_at.get(below, self._begins_at) + time
        return max(self._fired_at + time + self._held, self._begins_at)
