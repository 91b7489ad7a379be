"""The 95th percentile of a histogram, as a result."""

from bigbrother.operations.checks.histogram import Histogram
from bigbrother.operations.checks.limits import Limits
from bigbrother.operations.checks.observed import Observed
from bigbrother.operations.checks.result import Result, measured, unknown
from bigbrother.operations.checks.sentences import Figure, Sentence, sentence

SHARE = 0.95
"""Of the requests that must be within a time limit."""


def percentile(
    check: str, observed: Observed, histogram: Histogram, bounds: Limits, remedy: Sentence
) -> Result:
    """The time that 95 of 100 single-face requests did not pass; unknown with too few of them."""
    least = observed.runbook.watching.least_events
    value = histogram.quantile(SHARE)
    events = Figure(histogram.events, "count")
    span = observed.scraped.span()
    if value is None or histogram.events < least:
        seen = sentence("There were {events} requests with a single face.", events=events)
        few = sentence("A percentile needs {least} of them at least.", least=least)
        return unknown(check, bounds, seen, few, span)
    seen = sentence(
        "95% of {events} requests with a single face took {value} at most.",
        events=events,
        value=Figure(value, "seconds"),
    )
    if histogram.quantile(1) == value == histogram.bounds[-1]:
        seen = sentence(
            "Of {events} requests with a single face more than 5% took longer than {value}.",
            events=events,
            value=Figure(value, "seconds"),
        )
    return measured(check, value, "seconds", bounds, evidence=(seen, span), remedy=remedy)
