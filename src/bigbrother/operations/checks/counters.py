"""The few figures of the metric page that checks are about, and what two of them differ by."""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bigbrother.operations.checks.errors import MetricPageInvalid
from bigbrother.operations.checks.histogram import Histogram, read_histogram
from bigbrother.operations.checks.metric_page import MetricPage, Sample

_SINGLE_FACE = ("workload", "single-face")
_API = "/v1/"
_TYPES = {
    "bigbrother_http_requests_total": "counter",
    "bigbrother_http_request_duration_seconds": "histogram",
    "bigbrother_inference_duration_seconds": "histogram",
    "bigbrother_batch_queue_items": "gauge",
    "bigbrother_batch_results": "gauge",
    "bigbrother_batch_success_ratio": "gauge",
    "bigbrother_waiting_requests": "gauge",
}


@dataclass(frozen=True, slots=True)
class Counters:
    """The face analyzer's figures at one moment."""

    at: datetime
    requests: float = 0
    """Answered since its start, below /v1: the watcher's own looks are no requests."""
    failed_requests: float = 0
    """Of these with 5xx."""
    response: Histogram = field(default_factory=Histogram)
    """Seconds of requests with a single face, as the runbook's figures mean."""
    inference: Histogram = field(default_factory=Histogram)
    """Seconds of one image with a single face in the engine."""
    queue_items: dict[str, float] = field(default_factory=dict)
    """Images of batches that wait, by priority; empty when not known."""
    waiting_requests: float | None = None
    batch_results: dict[str, float] = field(default_factory=dict)
    """Images of batches that ended within the document's window, by how."""
    batch_success_ratio: float | None = None

    @classmethod
    def of(cls, page: MetricPage, at: datetime) -> "Counters":
        """From a page; raises MetricPageInvalid where it contradicts itself."""
        _check_types(page)
        asked = [
            sample
            for sample in page.named("bigbrother_http_requests_total")
            if sample.label("route").startswith(_API)
        ]
        ratio = page.single("bigbrother_batch_success_ratio")
        if ratio is not None and not 0 <= ratio <= 1:
            raise _contradiction(f"bigbrother_batch_success_ratio is {ratio}.")
        return cls(
            at,
            math.fsum(sample.value for sample in asked),
            math.fsum(s.value for s in asked if s.label("status_class") == "5xx"),
            _single_face(page.named("bigbrother_http_request_duration_seconds_bucket")),
            _single_face(
                sample
                for sample in page.named("bigbrother_inference_duration_seconds_bucket")
                if sample.label("stage") == "total"
            ),
            _by(page.named("bigbrother_batch_queue_items"), "priority"),
            page.single("bigbrother_waiting_requests"),
            _by(page.named("bigbrother_batch_results"), "state"),
            ratio,
        )

    def to_bytes(self) -> bytes:
        """For keeping; `at` is kept beside."""
        return json.dumps(
            {
                "requests": self.requests,
                "failed_requests": self.failed_requests,
                "response": [self.response.bounds, self.response.counts],
                "inference": [self.inference.bounds, self.inference.counts],
                "queue_items": self.queue_items,
                "waiting_requests": self.waiting_requests,
                "batch_results": self.batch_results,
                "batch_success_ratio": self.batch_success_ratio,
            },
            separators=(",", ":"),
        ).encode()

    @classmethod
    def from_bytes(cls, at: float, kept: bytes) -> "Counters | None":
        """What `to_bytes` made; None for anything else, such as another version's."""
        try:
            values = json.loads(kept)
            for name in ("response", "inference"):
                values[name] = _histogram(values[name])
            return cls(datetime.fromtimestamp(at, UTC), **values)
        except (ValueError, TypeError, KeyError, AttributeError):
            return None


@dataclass(frozen=True, slots=True)
class Difference:
    """What happened between two moments."""

    seconds: float
    requests: float
    failed_requests: float
    response: Histogram
    inference: Histogram
    restarted: bool
    """The analyzer began anew in between: this is what happened since."""


def difference(now: Counters, before: Counters | None) -> Difference:
    """What came between the two; since its start where it began anew, or without a before."""
    if before is not None:
        response = now.response.since(before.response)
        inference = now.inference.since(before.inference)
        requests = now.requests - before.requests
        failed = now.failed_requests - before.failed_requests
        if response is not None and inference is not None and 0 <= failed <= requests:
            seconds = (now.at - before.at).total_seconds()
            return Difference(seconds, requests, failed, response, inference, restarted=False)
    return Difference(
        0 if before is None else (now.at - before.at).total_seconds(),
        now.requests,
        now.failed_requests,
        now.response,
        now.inference,
        restarted=before is not None,
    )


def _check_types(page: MetricPage) -> None:
    for name, kind in _TYPES.items():
        if page.types.get(name, kind) != kind:
            raise _contradiction(f"{name} is a {page.types[name]}, not a {kind}.")


def _single_face(buckets: Iterable[Sample]) -> Histogram:
    return read_histogram(sample for sample in buckets if _SINGLE_FACE in sample.labels)


def _by(samples: list[Sample], label: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for sample in samples:
        if sample.value < 0:
            raise _contradiction(f"{sample.name} is negative.")
        found[sample.label(label)] = sample.value
    return found


def _histogram(kept: list[list[float]]) -> Histogram:
    bounds, counts = kept
    if len(counts) != len(bounds) + 1:
        raise ValueError
    return Histogram(tuple(map(float, bounds)), tuple(map(float, counts)))


def _contradiction(reason: str) -> MetricPageInvalid:
    return MetricPageInvalid(
        f"The metric page of the face analyzer is refused. {reason}",
        remedy="Look at /metrics of the face analyzer.",
    )
