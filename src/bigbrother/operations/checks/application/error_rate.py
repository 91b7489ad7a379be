"""How often the face analyzer fails."""

from bigbrother.operations.checks.limits import Limits, limits
from bigbrother.operations.checks.observed import Observed
from bigbrother.operations.checks.result import Result, measured, unknown
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.runbook.model import Runbook

NAME = "error_rate"


def limits_of(runbook: Runbook) -> Limits:
    """What warns and what fails."""
    return limits(
        runbook.daily_checks.application.error_rate,
        runbook.monitoring_tasks.application.errors.alert_threshold,
    )


def look(observed: Observed) -> tuple[Result, ...]:
    """The share of requests below /v1 that were answered with 5xx."""
    runbook = observed.runbook
    bounds = limits_of(observed.runbook)
    found = observed.scraped.difference()
    least = runbook.watching.least_events
    seen = sentence(
        "{failed} of {requests} requests failed.",
        failed=Figure(found.failed_requests, "count"),
        requests=Figure(found.requests, "count"),
    )
    if found.requests < least:
        few = sentence("A rate needs {least} requests at least.", least=least)
        return (unknown(NAME, bounds, seen, few, observed.scraped.span()),)
    return (
        measured(
            NAME,
            found.failed_requests / found.requests,
            "ratio",
            bounds,
            evidence=(seen, observed.scraped.span()),
            remedy=sentence("See `bigbrother logs bigbrother-face` for their reasons."),
        ),
    )
