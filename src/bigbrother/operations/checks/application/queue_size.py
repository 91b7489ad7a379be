"""How much waits to be analysed."""

from bigbrother.operations.checks.limits import Limits, limits
from bigbrother.operations.checks.observed import Observed
from bigbrother.operations.checks.result import Result, measured, unknown
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.runbook.model import Runbook

NAME = "queue_size"


def limits_of(runbook: Runbook) -> Limits:
    """What warns and what fails."""
    return limits(runbook.daily_checks.application.queue_size)


def look(observed: Observed) -> tuple[Result, ...]:
    """Images of batches that wait, together with requests that wait for a core."""
    bounds = limits_of(observed.runbook)
    counters = observed.scraped.counters()
    if not counters.queue_items or counters.waiting_requests is None:
        silent = sentence("The face analyzer does not tell what waits: it lacks its database.")
        remedy = sentence("See `bigbrother logs bigbrother-db`.")
        return (unknown(NAME, bounds, silent, remedy=remedy),)
    images = sum(counters.queue_items.values())
    return (
        measured(
            NAME,
            images + counters.waiting_requests,
            "count",
            bounds,
            evidence=(
                sentence(
                    "{images} images of batches and {requests} requests wait.",
                    images=Figure(images, "count"),
                    requests=Figure(counters.waiting_requests, "count"),
                ),
            ),
            remedy=sentence(
                "See who sent them: bigbrother batch status; run workers on several hosts, or "
                "cancel a batch."
            ),
        ),
    )
