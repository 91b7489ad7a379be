"""Section 2.2, `services`: asks for every unit, in case that its death was not heard of."""

from collections.abc import Sequence
from datetime import datetime

from bigbrother.kernel.status import Status
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.monitoring.readings.series import Reading
from bigbrother.operations.monitoring.schedule import Every
from bigbrother.operations.monitoring.task import Task
from bigbrother.operations.monitoring.tasks.looking import Looking
from bigbrother.operations.monitoring.units.life import UP
from bigbrother.ports.service_manager import UnitState, UnitStatus
from bigbrother.runbook.model import Runbook

_MOVING = (UnitState.STARTING, UnitState.STOPPING)


def services(looking: Looking) -> Task:
    """Asks the service manager; raises ServiceManagerUnavailable in its run."""

    def run(now: datetime) -> Sequence[Finding]:
        units = looking.services.manager.status()
        looking.keep([_reading(unit, now) for unit in units], now)
        runbook = looking.runbook
        return [found for unit in units if (found := unit_finding(unit, now, runbook)) is not None]

    return Task(
        name="services",
        when=lambda runbook: Every(runbook.monitoring_tasks.system.services.interval.duration),
        within=lambda runbook: runbook.watching.task_within.duration,
        run=run,
    )


def unit_finding(unit: UnitStatus, now: datetime, runbook: Runbook) -> Finding | None:
    """Up, or down for longer than its grace; None while it may still come back.

    The grace is over when this is found. Within it, only who hears of every change at once may
    speak: here, a unit that came back in the meantime would stay down until the next look.
    """
    if unit.state in _MOVING:
        return None
    labels = {"unit": unit.name}
    if unit.state in UP:
        return Finding("unit_down", Status.PASSED, now, labels, f"{unit.name} runs.")
    known = runbook.units.get(unit.name)
    grace = known.grace.duration if known is not None else None
    if grace is not None and unit.since is not None and now - unit.since < grace:
        return None
    reason = f": {unit.reason.rstrip('.')}" if unit.reason else ""
    return Finding(
        "unit_down",
        Status.FAILED,
        now,
        labels,
        f"{unit.name} is down; its manager calls it {unit.state}{reason}.",
        f"See `bigbrother logs {unit.name}`. If it does not come back by itself: `bigbrother up`.",
    )


def _reading(unit: UnitStatus, now: datetime) -> Reading:
    return Reading("unit_up", now, float(unit.state in UP), "", {"unit": unit.name})
