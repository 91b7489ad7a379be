"""Counts of observations by size, as Prometheus keeps them."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from bigbrother.operations.checks.errors import MetricPageInvalid
from bigbrother.operations.checks.metric_page import Sample

_REMEDY = "Look at /metrics of the face analyzer."


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many observations were at most each bound; the last count, of all, has no bound."""

    bounds: tuple[float, ...] = ()
    """Rising, finite."""
    counts: tuple[float, ...] = (0.0,)
    """One more than bounds; never falling."""

    @property
    def events(self) -> float:
        """All observations."""
        return self.counts[-1]

    def quantile(self, share: float) -> float | None:
        """The value that this share of the observations does not pass; None without any.

        Interpolated linearly within a bucket, whose lower bound is 0 for the first. Beyond the
        last bound it is that bound: the least that it can be.
        """
        if not self.events or not self.bounds:
            return None
        rank = share * self.events
        lower, below = 0.0, 0.0
        for bound, count in zip(self.bounds, self.counts, strict=False):
            if count >= rank and count > below:
                return lower + (bound - lower) * max(0.0, rank - below) / (count - below)
            lower, below = bound, count
        return self.bounds[-1]

    def merged(self, other: "Histogram") -> "Histogram":
        """The observations of both; raises MetricPageInvalid for bounds that differ."""
        if other.bounds != self.bounds:
            if not self.events and not self.bounds:
                return other
            if not other.events and not other.bounds:
                return self
            raise MetricPageInvalid(
                "The buckets of one histogram have different bounds.", remedy=_REMEDY
            )
        summed = tuple(a + b for a, b in zip(self.counts, other.counts, strict=True))
        return Histogram(self.bounds, summed)

    def since(self, before: "Histogram") -> "Histogram | None":
        """What came after `before`; None where that is not the same histogram's past."""
        if not before.bounds:
            return self if not before.events else None
        if before.bounds != self.bounds:
            return None
        counts = tuple(a - b for a, b in zip(self.counts, before.counts, strict=True))
        if counts[0] < 0 or any(later < earlier for earlier, later in pairwise(counts)):
            return None
        return Histogram(self.bounds, counts)


def read_histogram(buckets: Iterable[Sample]) -> Histogram:
    """One histogram over all series of these `_bucket` samples; raises MetricPageInvalid."""
    series: dict[tuple[tuple[str, str], ...], list[tuple[float, float]]] = {}
    for sample in buckets:
        others = tuple(pair for pair in sample.labels if pair[0] != "le")
        series.setdefault(others, []).append((_bound(sample), sample.value))
    merged = Histogram()
    for found in series.values():
        merged = merged.merged(_one(sorted(found)))
    return merged


def _bound(sample: Sample) -> float:
    try:
        bound = float(sample.label("le"))
    except ValueError:
        bound = float("nan")
    if bound != bound:  # noqa: PLR0124 - not a number
        raise MetricPageInvalid(
            f"A bucket of {sample.name} has the bound '{sample.label('le')[:20]}'.", remedy=_REMEDY
        )
    return bound


def _one(buckets: list[tuple[float, float]]) -> Histogram:
    bounds = tuple(bound for bound, _ in buckets)
    counts = tuple(count for _, count in buckets)
    falls = any(later < earlier for earlier, later in pairwise(counts))
    twice = any(later == earlier for earlier, later in pairwise(bounds))
    if bounds[-1] != float("inf") or bounds[0] == float("-inf") or falls or twice:
        raise MetricPageInvalid(
            "A histogram's buckets do not rise to +Inf.",
            remedy=_REMEDY,
        )
    return Histogram(bounds[:-1], counts)
