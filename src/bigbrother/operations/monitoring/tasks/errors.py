"""Section 2.2, `errors`: how often the face analyzer fails."""

from collections.abc import Sequence
from datetime import datetime

from bigbrother.operations.checks.application import error_rate
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.monitoring.findings import findings
from bigbrother.operations.monitoring.schedule import Every
from bigbrother.operations.monitoring.task import Task
from bigbrother.operations.monitoring.tasks.looking import Looking


def errors(looking: Looking) -> Task:
    """Looks at the counters that the scrapes left; without fresh ones it finds nothing.

    That they are not fresh is told by the scrape.
    """

    def run(now: datetime) -> Sequence[Finding]:
        observed = looking.observed(now)
        return [] if observed.scraped.now is None else findings(error_rate.look(observed), now)

    return Task(
        name="errors",
        when=lambda runbook: Every(runbook.monitoring_tasks.application.errors.interval.duration),
        within=lambda runbook: runbook.watching.task_within.duration,
        run=run,
    )
