"""How long the networks take."""

from bigbrother.operations.checks.limits import limits
from bigbrother.operations.checks.observed import Observed
from bigbrother.operations.checks.percentile import percentile
from bigbrother.operations.checks.result import Result
from bigbrother.operations.checks.sentences import sentence

NAME = "inference_time"


def look(observed: Observed) -> tuple[Result, ...]:
    """The 95th percentile of one image with a single face in the engine."""
    bounds = limits(observed.runbook.daily_checks.ml.inference_time)
    remedy = sentence("Look at cpu_usage; choose a lighter model pack, or add cores or a GPU.")
    histogram = observed.scraped.difference().inference
    return (percentile(NAME, observed, histogram, bounds, remedy),)
