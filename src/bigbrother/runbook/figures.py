"""Pydantic types for the document's figures: text with a unit in, a typed quantity out."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from typing import Annotated, Literal, TypeVar, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator

from bigbrother.kernel import schedule
from bigbrother.kernel.errors import InvalidInput
from bigbrother.kernel.quantity import Dimension, Quantity, parse_quantity

T = TypeVar("T")
Comparison = Literal["<", "<=", ">", ">="]
_THRESHOLD = re.compile(r"\s*(<=|>=|<|>)\s*(.+)")


@dataclass(frozen=True, slots=True)
class Threshold:
    """A bound such as `< 200ms`: the good side of it is what passes."""

    comparison: Comparison
    bound: Quantity

    def __str__(self) -> str:
        return f"{self.comparison} {self.bound}"

    def passes(self, value: float) -> bool:
        """Whether a value, in the bound's base unit (seconds, bytes, ratio), is good."""
        if self.comparison == "<":
            return value < self.bound.value
        if self.comparison == "<=":
            return value <= self.bound.value
        if self.comparison == ">":
            return value > self.bound.value
        return value >= self.bound.value


def _quantity(value: object, dimension: Dimension) -> Quantity:
    if isinstance(value, Quantity):
        return value
    try:
        return parse_quantity(str(value), dimension)
    except InvalidInput as error:
        raise ValueError(str(error)) from error


def _threshold(value: object, dimension: Dimension) -> Threshold:
    if isinstance(value, Threshold):
        return value
    found = _THRESHOLD.fullmatch(str(value))
    if found is None:
        signs = " ".join(get_args(Comparison))
        raise ValueError(f"'{value}' is not a threshold. Begin with one of {signs}: '< 200ms'.")
    comparison: Comparison = found[1]  # type: ignore[assignment]  # the pattern allows these only
    return Threshold(comparison, _quantity(found[2], dimension))


Duration = Annotated[Quantity, BeforeValidator(lambda value: _quantity(value, "duration"))]
Size = Annotated[Quantity, BeforeValidator(lambda value: _quantity(value, "size"))]
Ratio = Annotated[Quantity, BeforeValidator(lambda value: _quantity(value, "ratio"))]
DurationThreshold = Annotated[
    Threshold, BeforeValidator(lambda value: _threshold(value, "duration"))
]
RatioThreshold = Annotated[Threshold, BeforeValidator(lambda value: _threshold(value, "ratio"))]
CountThreshold = Annotated[Threshold, BeforeValidator(lambda value: _threshold(value, "count"))]


def _read(value: object, kind: type[T], read: Callable[[str], T]) -> T:
    if isinstance(value, kind):
        return value
    try:
        return read(str(value))
    except InvalidInput as error:
        raise ValueError(str(error)) from error


def _time_of_day(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            f"'{text}' is not a time of day.", remedy="Write it in quotes: '06:00'."
        ) from error


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput(
            f"'{text}' is not a time zone.", remedy="Write it like America/Sao_Paulo or UTC."
        ) from error


TimeOfDay = Annotated[time, BeforeValidator(lambda value: _read(value, time, _time_of_day))]
TimeZone = Annotated[ZoneInfo, BeforeValidator(lambda value: _read(value, ZoneInfo, _zone))]
Schedule = Annotated[
    schedule.Schedule,
    BeforeValidator(lambda value: _read(value, schedule.Schedule, schedule.parse_schedule)),
]
Cron = Annotated[
    schedule.Cron, BeforeValidator(lambda value: _read(value, schedule.Cron, schedule.parse_cron))
]
