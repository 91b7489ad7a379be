"""Figures with units, as the runbook writes them: `200ms`, `20 MB`, `80%`, `4 weeks`."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from bigbrother.kernel.errors import InvalidInput

Dimension = Literal["duration", "size", "ratio", "count"]

_DURATION_SECONDS = {
    "ms": 0.001,
    "s": 1.0,
    "second": 1.0,
    "seconds": 1.0,
    "m": 60.0,
    "min": 60.0,
    "minute": 60.0,
    "minutes": 60.0,
    "h": 3600.0,
    "hour": 3600.0,
    "hours": 3600.0,
    "d": 86400.0,
    "day": 86400.0,
    "days": 86400.0,
    "week": 604800.0,
    "weeks": 604800.0,
    "y": 31536000.0,
    "year": 31536000.0,
    "years": 31536000.0,
}
_SIZE_BYTES = {
    "B": 1.0,
    "kB": 1e3,
    "MB": 1e6,
    "GB": 1e9,
    "TB": 1e12,
    "KiB": 2.0**10,
    "MiB": 2.0**20,
    "GiB": 2.0**30,
    "TiB": 2.0**40,
}
_FIGURE = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*([A-Za-z%]*)\s*")


@dataclass(frozen=True, slots=True)
class Quantity:
    """One figure: `value` in seconds, bytes, a ratio (80 % is 0.8) or a plain count."""

    value: float
    dimension: Dimension
    text: str

    def __str__(self) -> str:
        return self.text

    @property
    def duration(self) -> timedelta:
        """The figure as a time span; only for the dimension `duration`."""
        return timedelta(seconds=self.value)


def parse_quantity(text: str, dimension: Dimension) -> Quantity:
    """Reads one figure of the expected dimension.

    Raises InvalidInput with the units that would fit when the text is anything else.
    """
    found = _FIGURE.fullmatch(text)
    if found is None:
        raise InvalidInput(f"'{text}' is not a figure with a unit.", remedy=_example(dimension))
    number, unit = float(found[1]), found[2]
    factor = _factor(unit, dimension)
    if factor is None:
        raise InvalidInput(
            f"'{text}' is not a {dimension}: the unit '{unit}' does not fit.",
            remedy=_example(dimension),
        )
    if number < 0:
        raise InvalidInput(f"'{text}' is negative.", remedy=_example(dimension))
    return Quantity(number * factor, dimension, text.strip())


def _factor(unit: str, dimension: Dimension) -> float | None:
    if dimension == "duration":
        return _DURATION_SECONDS.get(unit)
    if dimension == "size":
        return _SIZE_BYTES.get(unit)
    if dimension == "ratio":
        return {"%": 0.01, "": 1.0}.get(unit)
    return 1.0 if unit == "" else None


def _example(dimension: Dimension) -> str:
    return {
        "duration": "Write a number and one of ms, s, min, h, days, weeks, y: '200ms', '4 weeks'.",
        "size": "Write a number and one of B, kB, MB, GB, KiB, MiB, GiB: '20 MB'.",
        "ratio": "Write a percentage or a share of one: '80%' or '0.8'.",
        "count": "Write a plain number without a unit: '1000'.",
    }[dimension]
