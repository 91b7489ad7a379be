"""The figures of the face analyzer's /metrics as PromQL.

A percentile is compared by its share: p95 is over 500 ms where less than 95 % of the requests
ended within 500 ms. The document's thresholds are bounds of the histograms' buckets, so that share
is counted, not interpolated.
"""

from prometheus_client.utils import floatToGoString

from bigbrother.operations.alerts.prometheus.durations import prometheus_duration
from bigbrother.operations.checks.percentile import SHARE
from bigbrother.runbook.model import Runbook

FACE_JOB = "bigbrother-face"
OPS_JOB = "bigbrother-ops"
REQUESTS = "bigbrother_http_request_duration_seconds"
REQUESTS_WANTED = 'workload="single-face"'
INFERENCES = "bigbrother_inference_duration_seconds"
INFERENCES_WANTED = 'stage="total",workload="single-face"'
ANSWERS = "bigbrother_http_requests_total"
ASKED = 'route=~"/v1/.*"'
"""Looks at the service's health are no requests."""
FAILED = 'route=~"/v1/.*",status_class="5xx"'
_BY = "sum by (job, instance)"


class Expressions:
    """PromQL over the document's time window."""

    def __init__(self, runbook: Runbook) -> None:
        self.window = prometheus_duration(runbook.watching.over.value)
        self._least_events = runbook.watching.least_events

    def rate(self, counter: str, wanted: str = "") -> str:
        """Events a second."""
        return f"{_BY} (rate({counter}{{{wanted}}}[{self.window}]))"

    def share_within(self, histogram: str, wanted: str, limit_seconds: float) -> str:
        """Share of the events that took no longer than a bound of the histogram's buckets."""
        bucket = f'{wanted},le="{bound_label(limit_seconds)}"'
        return (
            f"{self.rate(histogram + '_bucket', bucket)}"
            f" / {self.rate(histogram + '_count', wanted)}"
        )

    def error_ratio(self) -> str:
        """Share of the answers that were the service's own failure."""
        # Without one failure yet there is no such series, and the share is zero.
        return (
            f"({self.rate(ANSWERS, FAILED)} or 0 * {self.rate(ANSWERS, ASKED)})"
            f" / {self.rate(ANSWERS, ASKED)}"
        )

    def percentile(self, histogram: str, wanted: str) -> str:
        """The time within which 95 % of the events ended, for a chart: it is interpolated."""
        rates = f"rate({histogram}_bucket{{{wanted}}}[{self.window}])"
        return f"histogram_quantile({SHARE}, sum by (job, instance, le) ({rates}))"

    def enough(self, counter: str, wanted: str = "") -> str:
        """True with so many events that a share means something."""
        return f"{_BY} (increase({counter}{{{wanted}}}[{self.window}])) >= {self._least_events}"


def queue() -> str:
    """Images of batches and requests that wait."""
    return f"{_BY} (bigbrother_batch_queue_items) + on (job, instance) bigbrother_waiting_requests"


def bound_label(seconds: float) -> str:
    """A bucket's bound as the face analyzer's library writes it: `1.0`, never `1`."""
    return str(floatToGoString(seconds))  # type: ignore[no-untyped-call]
