"""How much of batches goes well."""

from bigbrother.operations.checks.limits import Limits, limits
from bigbrother.operations.checks.observed import Observed
from bigbrother.operations.checks.result import Result, measured, unknown
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.runbook.model import Runbook

NAME = "batch_success"


def limits_of(runbook: Runbook) -> Limits:
    """What warns and what fails."""
    return limits(runbook.daily_checks.ml.batch_success)


def look(observed: Observed) -> tuple[Result, ...]:
    """The share of the images that ended within the window without a fault of the service."""
    runbook = observed.runbook
    bounds = limits_of(observed.runbook)
    counters = observed.scraped.counters()
    ended = sum(counters.batch_results.values())
    least = runbook.watching.least_events
    seen = sentence(
        "{ended} images of batches ended within {window}.",
        ended=Figure(ended, "count"),
        window=str(runbook.batch.success_window),
    )
    if counters.batch_success_ratio is None or ended < least:
        few = sentence("A share needs {least} images at least.", least=least)
        return (unknown(NAME, bounds, seen, few),)
    return (
        measured(
            NAME,
            counters.batch_success_ratio,
            "ratio",
            bounds,
            evidence=(seen,),
            remedy=sentence(
                "See the reasons: bigbrother batch results --help; and "
                "`bigbrother logs bigbrother-worker`."
            ),
        ),
    )
