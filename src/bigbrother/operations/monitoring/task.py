"""A task: something that is looked at by a schedule."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.monitoring.schedule import When
from bigbrother.runbook.model import Runbook


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do, when, and how long it may take.

    Schedule and limit are taken from the document each time, since it may change meanwhile.
    """

    name: str
    when: Callable[[Runbook], When]
    within: Callable[[Runbook], timedelta]
    run: Callable[[datetime], Sequence[Finding]]
    """Takes the time; an exception becomes a finding that the watcher fails."""
