"""Section 2.1 at its time of day: every check, and the report of what they found."""

from collections.abc import Sequence
from datetime import datetime

from bigbrother.kernel.status import Status
from bigbrother.operations.checks.ml import model_accuracy
from bigbrother.operations.checks.report.daily import Report
from bigbrother.operations.checks.report.daily import daily as run_daily
from bigbrother.operations.checks.runner import CheckRunner
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.monitoring.findings import findings
from bigbrother.operations.monitoring.schedule import Daily
from bigbrother.operations.monitoring.task import Task
from bigbrother.operations.monitoring.tasks.looking import Looking


def daily(looking: Looking) -> Task:
    """Runs the daily checks and leaves their report.

    Only the accuracy of the model becomes a finding: the others are watched all day by tasks of
    their own, and one look in the morning shall not contradict them.
    """
    runner = CheckRunner()

    def run(now: datetime) -> Sequence[Finding]:
        report = run_daily(looking.observed(now), looking.services.store, now, runner)
        accuracy = (each for each in report.results if each.check == model_accuracy.NAME)
        return [*findings(accuracy, now), _of_report(report)]

    return Task(
        name="daily",
        when=lambda runbook: Daily(runbook.daily_checks.at, runbook.daily_checks.time_zone),
        within=lambda runbook: runbook.watching.long_task_within.duration,
        run=run,
    )


def _of_report(report: Report) -> Finding:
    labels = {"part": "daily-report"}
    if report.trouble is None:
        return Finding("watcher_failing", Status.PASSED, report.at, labels, "It was written.")
    return Finding(
        "watcher_failing",
        Status.FAILED,
        report.at,
        labels,
        summary=report.trouble.detail,
        remedy=report.trouble.remedy,
    )
