"""What /metrics tells of batches: the numbers that the database gave last."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

_PRIORITIES = ("low", "normal", "high")
_STATES = ("succeeded", "failed", "cancelled", "erased")


class BatchNumbers(Protocol):
    """The state of all batches; what `face.batch.statistics.numbers` answers."""

    @property
    def queue_items(self) -> Mapping[str, int]: ...
    @property
    def oldest_waiting_seconds(self) -> float: ...
    @property
    def results(self) -> Mapping[str, int]: ...
    @property
    def success_ratio(self) -> float | None: ...
    @property
    def workers(self) -> int: ...


class BatchCollector(Collector):
    """Tells the last known numbers; tells nothing, rather than something old, when unknown."""

    def __init__(self) -> None:
        self.numbers: BatchNumbers | None = None

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The families, with samples where there is something to tell."""
        told = self.numbers
        yield _labelled(
            "bigbrother_batch_queue_items",
            "Images of batches that wait to be analysed.",
            "priority",
            {} if told is None else {name: told.queue_items.get(name, 0) for name in _PRIORITIES},
        )
        yield _labelled(
            "bigbrother_batch_results",
            "Images of batches that ended within the runbook's batch.success_window.",
            "state",
            {} if told is None else {name: told.results.get(name, 0) for name in _STATES},
        )
        yield _single(
            "bigbrother_batch_oldest_waiting_seconds",
            "Age of the oldest batch that is not done; 0 when all are.",
            None if told is None else told.oldest_waiting_seconds,
        )
        yield _single(
            "bigbrother_batch_success_ratio",
            "Share of the images that ended within the window without a fault of the service.",
            None if told is None else told.success_ratio,
        )
        yield _single(
            "bigbrother_batch_workers",
            "Workers that said lately that they live.",
            None if told is None else told.workers,
        )


def _labelled(name: str, meaning: str, label: str, values: Mapping[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, meaning, labels=[label])
    for value, number in values.items():
        family.add_metric([value], float(number))
    return family


def _single(name: str, meaning: str, value: float | None) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, meaning)
    if value is not None:
        family.add_metric([], float(value))
    return family
