"""What the counters of the face analyzer say, as figures over time and as findings."""

from datetime import datetime

from bigbrother.operations.checks.application import error_rate, queue_size, response_time
from bigbrother.operations.checks.ml import batch_success, inference_time
from bigbrother.operations.checks.observed import Observed
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.monitoring.findings import findings, readings
from bigbrother.operations.monitoring.readings.series import Reading

# Section 2.2 gives the others an interval of their own; these are looked at with each scrape.
_FOUND_AT_ONCE = (queue_size, inference_time, batch_success)
_READ = (response_time, error_rate)
_MEDIAN = 0.5


def figures(observed: Observed, now: datetime) -> tuple[list[Finding], list[Reading]]:
    """Findings and readings of a scrape that was read."""
    found = [result for check in _FOUND_AT_ONCE for result in check.look(observed)]
    read = [*found, *(result for check in _READ for result in check.look(observed))]
    return findings(found, now), [*readings(read, now), *_more(observed, now)]


def _more(observed: Observed, now: datetime) -> list[Reading]:
    """What no check is about."""
    happened = observed.scraped.difference()
    more = []
    if happened.seconds > 0:
        rate = happened.requests / happened.seconds
        more.append(Reading("requests_per_second", now, rate, "per second"))
    median = happened.response.quantile(_MEDIAN)
    if median is not None and happened.response.events >= observed.runbook.watching.least_events:
        more.append(Reading("response_time_median", now, median, "seconds"))
    return more
