"""Section 2.2, `resources`: processors, memory, disks and GPUs, each a task of its own.

A disk that hangs must not hide that the memory is full.
"""

from collections.abc import Callable
from datetime import datetime

from bigbrother.operations.checks.observed import Observed
from bigbrother.operations.checks.result import Result
from bigbrother.operations.checks.scrapes import Scraped
from bigbrother.operations.checks.system import cpu_usage, disk_space, gpu_usage, memory_usage
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.monitoring.findings import findings, readings
from bigbrother.operations.monitoring.task import Task
from bigbrother.operations.monitoring.tasks.attention import Attention
from bigbrother.operations.monitoring.tasks.looking import Looking

_CHECKS = (cpu_usage, memory_usage, disk_space, gpu_usage)
Look = Callable[[Observed], tuple[Result, ...]]


def resources(looking: Looking) -> tuple[Task, ...]:
    """A task for each resource."""
    return tuple(_task(looking, check.NAME, check.look) for check in _CHECKS)


def _task(looking: Looking, name: str, look: Look) -> Task:
    attention = Attention()

    def run(now: datetime) -> list[Finding]:
        # The counters of the face analyzer are not looked at here.
        results = look(looking.observed(now, Scraped(None)))
        attention.note(results)
        looking.keep(readings(results, now), now)
        return findings(results, now)

    return Task(
        name=f"resources.{name}",
        when=lambda runbook: attention.every(
            runbook.monitoring_tasks.system.resources.interval, runbook
        ),
        within=lambda runbook: runbook.watching.task_within.duration,
        run=run,
    )
