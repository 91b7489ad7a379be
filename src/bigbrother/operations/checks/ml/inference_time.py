"""How long the networks take."""

from bigbrother.operations.checks.limits import Limits, limits
from bigbrother.operations.checks.observed import Observed
from bigbrother.operations.checks.percentile import percentile
from bigbrother.operations.checks.result import Result
from bigbrother.operations.checks.sentences import sentence
from bigbrother.runbook.model import Runbook

NAME = "inference_time"


def limits_of(runbook: Runbook) -> Limits:
    """What warns and what fails."""
    return limits(runbook.daily_checks.ml.inference_time)


def look(observed: Observed) -> tuple[Result, ...]:
    """The 95th percentile of one image with a single face in the engine."""
    bounds = limits_of(observed.runbook)
    remedy = sentence("Look at cpu_usage; choose a lighter model pack, or add cores or a GPU.")
    histogram = observed.scraped.difference().inference
    return (percentile(NAME, observed, histogram, bounds, remedy),)
