"""Many points as one: how many, their sum, the least and the greatest."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

RESOLUTIONS_SECONDS = (300, 3600, 86400)
"""Of the rollups; each divides the next, and a day is one of UTC."""
_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Rollup:
    """What is left of the points of a span."""

    count: int
    total: float
    least: float
    greatest: float

    @property
    def mean(self) -> float:
        """The points' mean."""
        return self.total / self.count


def roll_up(points: Mapping[int, float], resolution_ms: int) -> dict[int, Rollup]:
    """Points by their time in milliseconds, rolled up by the beginnings of their spans."""
    groups: dict[int, list[float]] = {}
    for at, value in points.items():
        groups.setdefault(at // resolution_ms * resolution_ms, []).append(value)
    return {
        begin: Rollup(
            len(values), significant(math.fsum(values), _DIGITS), min(values), max(values)
        )
        for begin, values in groups.items()
    }


def roll_up_further(rollups: Mapping[int, Rollup], resolution_ms: int) -> dict[int, Rollup]:
    """Rollups by the beginnings of their spans, as rollups of longer ones."""
    groups: dict[int, list[Rollup]] = {}
    for at, each in rollups.items():
        groups.setdefault(at // resolution_ms * resolution_ms, []).append(each)
    return {begin: _together(group) for begin, group in groups.items()}


def significant(value: float, digits: int) -> float:
    """The figure with so many significant digits: the rest is noise, and costs bytes."""
    return float(f"{value:.{digits}g}")


def _together(group: Iterable[Rollup]) -> Rollup:
    parts = list(group)
    return Rollup(
        sum(each.count for each in parts),
        significant(math.fsum(each.total for each in parts), _DIGITS),
        min(each.least for each in parts),
        max(each.greatest for each in parts),
    )
