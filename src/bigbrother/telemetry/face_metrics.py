"""The face analyzer's metrics, in a registry of its own."""

from collections.abc import Iterator
from typing import Protocol

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bigbrother.runbook.model import Runbook
from bigbrother.runbook.tuned import FIGURES, value_of
from bigbrother.telemetry.batch_metrics import BatchCollector, BatchNumbers

_COMMON_BOUNDS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

# Otherwise each counter comes with a second series that only tells when it began.
disable_created_metrics()  # type: ignore[no-untyped-call]


class GalleryNumbers(Protocol):
    """How much the gallery holds; what `face.gallery.statistics.counts` answers."""

    @property
    def collections(self) -> int: ...
    @property
    def subjects(self) -> int: ...
    @property
    def faces(self) -> int: ...
    @property
    def embeddings(self) -> int: ...


class _GalleryCollector(Collector):
    """Tells the last known numbers; tells nothing, rather than something old, when unknown."""

    def __init__(self) -> None:
        self.numbers: GalleryNumbers | None = None

    def collect(self) -> Iterator[GaugeMetricFamily]:
        family = GaugeMetricFamily(
            "bigbrother_gallery_rows", "What the gallery holds, by kind.", labels=["kind"]
        )
        if self.numbers is not None:
            for kind in ("collections", "subjects", "faces", "embeddings"):
                family.add_metric([kind], float(getattr(self.numbers, kind)))
        yield family


class FaceMetrics:
    """Every metric of the face unit; names begin with `bigbrother_`.

    The label `workload` keeps the figures of the runbook, which are per request with a single
    face, apart from the rest: single-face, several-faces, several-images, none.
    """

    def __init__(self, runbook: Runbook) -> None:
        self.registry = CollectorRegistry()
        bounds = histogram_bounds(runbook)
        self.requests = Counter(
            "bigbrother_http_requests_total",
            "Requests answered.",
            ["method", "route", "status_class"],
            registry=self.registry,
        )
        self.errors = Counter(
            "bigbrother_http_errors_total",
            "Requests answered with a problem, by its code.",
            ["route", "status_class", "code"],
            registry=self.registry,
        )
        self.request_seconds = Histogram(
            "bigbrother_http_request_duration_seconds",
            "Time from a request's first byte to its answer's last.",
            ["route", "workload"],
            buckets=bounds,
            registry=self.registry,
        )
        self.inference_seconds = Histogram(
            "bigbrother_inference_duration_seconds",
            "Time of one image in the engine, by stage: decode, detect, embed, total.",
            ["stage", "workload"],
            buckets=bounds,
            registry=self.registry,
        )
        self.images = Counter(
            "bigbrother_images_total", "Images analysed.", ["outcome"], registry=self.registry
        )
        self.faces = Counter(
            "bigbrother_faces_total", "Faces found in analysed images.", registry=self.registry
        )
        self.requests_in_flight = Gauge(
            "bigbrother_http_requests_in_flight",
            "Requests being answered now.",
            registry=self.registry,
        )
        self.waiting_requests = Gauge(
            "bigbrother_waiting_requests",
            "Image requests that were let in and wait for a core.",
            registry=self.registry,
        )
        self.bytes_in_flight = Gauge(
            "bigbrother_image_bytes_in_flight",
            "Bytes of the budget taken by encoded and decoded images.",
            registry=self.registry,
        )
        self.rejected = Counter(
            "bigbrother_rejected_requests_total",
            "Requests refused to protect the service, by reason.",
            ["reason"],
            registry=self.registry,
        )
        self.model = Gauge(
            "bigbrother_model_info",
            "The model pack in use; always 1.",
            ["name", "version"],
            registry=self.registry,
        )
        self.provider = Gauge(
            "bigbrother_execution_provider_info",
            "What the networks run on; always 1.",
            ["provider"],
            registry=self.registry,
        )
        self.ready = Gauge(
            "bigbrother_ready", "1 while /readyz answers 200.", registry=self.registry
        )
        self.result_cache = Counter(
            "bigbrother_result_cache_requests_total",
            "Images that were looked for among the kept analyses, by result: hit, miss.",
            ["result"],
            registry=self.registry,
        )
        self.result_cache_images = Gauge(
            "bigbrother_result_cache_images",
            "Images whose analysis is kept in memory.",
            registry=self.registry,
        )
        self.result_cache_bytes = Gauge(
            "bigbrother_result_cache_bytes",
            "Memory that kept analyses take.",
            registry=self.registry,
        )
        self.engine_renewals = Counter(
            "bigbrother_engine_renewals_total",
            "How often the engine's sessions were made anew.",
            registry=self.registry,
        )
        self.tuned = Gauge(
            "bigbrother_tunable_figure",
            "The figures that solutions may tune, as this unit goes by them.",
            ["figure"],
            registry=self.registry,
        )
        self._gallery = _GalleryCollector()
        self.registry.register(self._gallery)
        self._batches = BatchCollector()
        self.registry.register(self._batches)
        self.follow(runbook)

    def follow(self, runbook: Runbook) -> None:
        """Tells by which tuned figures the unit goes."""
        for name in FIGURES:
            self.tuned.labels(name).set(value_of(name, runbook))

    def gallery(self, numbers: GalleryNumbers | None) -> None:
        """Sets what the next scrapes tell about the gallery; None when it is not known."""
        self._gallery.numbers = numbers

    def batches(self, numbers: BatchNumbers | None) -> None:
        """Sets what the next scrapes tell about batches; None when it is not known."""
        self._batches.numbers = numbers

    def text(self) -> bytes:
        """The Prometheus text format."""
        return generate_latest(self.registry)


def histogram_bounds(runbook: Runbook) -> tuple[float, ...]:
    """Bucket bounds in seconds: common ones and the runbook's own thresholds.

    With its threshold as a bound, a share of requests under it is exact, not interpolated.
    """
    own = (
        runbook.daily_checks.application.response_time.bound.value,
        runbook.daily_checks.ml.inference_time.bound.value,
        runbook.monitoring_tasks.application.endpoints.alert_threshold.value,
    )
    return tuple(sorted({*_COMMON_BOUNDS_SECONDS, *own}))
