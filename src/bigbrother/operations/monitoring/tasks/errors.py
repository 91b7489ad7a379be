"""Section 2.2, `errors`: how often the face analyzer fails."""

from collections.abc import Sequence
from datetime import datetime

from bigbrother.operations.checks.application import error_rate
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.monitoring.findings import findings
from bigbrother.operations.monitoring.task import Task
from bigbrother.operations.monitoring.tasks.attention import Attention
from bigbrother.operations.monitoring.tasks.looking import Looking


def errors(looking: Looking) -> Task:
    """Looks at the counters that the scrapes left; without fresh ones it finds nothing.

    That they are not fresh is told by the scrape.
    """
    attention = Attention()

    def run(now: datetime) -> Sequence[Finding]:
        observed = looking.observed(now)
        results = () if observed.scraped.now is None else error_rate.look(observed)
        attention.note(results)
        return findings(results, now)

    return Task(
        name="errors",
        when=lambda runbook: attention.every(
            runbook.monitoring_tasks.application.errors.interval, runbook
        ),
        within=lambda runbook: runbook.watching.task_within.duration,
        run=run,
    )
