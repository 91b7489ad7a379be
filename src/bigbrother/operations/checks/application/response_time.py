"""How long a caller of the face analyzer waits."""

from bigbrother.operations.checks.limits import Limits, limits
from bigbrother.operations.checks.observed import Observed
from bigbrother.operations.checks.percentile import percentile
from bigbrother.operations.checks.result import Result
from bigbrother.operations.checks.sentences import sentence
from bigbrother.runbook.model import Runbook

NAME = "response_time"


def limits_of(runbook: Runbook) -> Limits:
    """What warns and what fails."""
    return limits(
        runbook.daily_checks.application.response_time,
        runbook.monitoring_tasks.application.endpoints.alert_threshold,
    )


def look(observed: Observed) -> tuple[Result, ...]:
    """The 95th percentile of requests with a single face, from first to last byte."""
    bounds = limits_of(observed.runbook)
    remedy = sentence("Look at cpu_usage and queue_size; send smaller images or fewer at a time.")
    histogram = observed.scraped.difference().response
    return (percentile(NAME, observed, histogram, bounds, remedy),)
