"""Section 2.1 at its time of day: every check, and the report of what they found."""

from collections.abc import Sequence
from datetime import datetime

from bigbrother.operations.checks.catalogue import DAILY
from bigbrother.operations.checks.ml import model_accuracy
from bigbrother.operations.checks.runner import CheckRunner
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.monitoring.findings import findings
from bigbrother.operations.monitoring.schedule import Daily
from bigbrother.operations.monitoring.task import Task
from bigbrother.operations.monitoring.tasks.looking import Looking


def daily(looking: Looking) -> Task:
    """Runs the daily checks.

    Only the accuracy of the model becomes a finding: the others are watched all day by tasks of
    their own, and one look at 06:00 shall not contradict them.
    """
    runner = CheckRunner()

    def run(now: datetime) -> Sequence[Finding]:
        results = runner.run((DAILY,), looking.observed(now))
        return findings((each for each in results if each.check == model_accuracy.NAME), now)

    return Task(
        name="daily",
        when=lambda runbook: Daily(runbook.daily_checks.at, runbook.daily_checks.time_zone),
        within=lambda runbook: runbook.watching.long_task_within.duration,
        run=run,
    )
