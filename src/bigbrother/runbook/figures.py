"""Pydantic types for the document's figures: text with a unit in, a typed quantity out."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from typing import Annotated, Literal, TypeVar, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, WithJsonSchema

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


def _figure(pattern: str, *examples: str, number: bool = False) -> WithJsonSchema:
    """How an editor checks such text; YAML reads a bare number as one."""
    described = {"description": "Such as " + ", ".join(f"'{example}'" for example in examples)}
    text = {"type": "string", "pattern": f"^{pattern}$"} | described
    return WithJsonSchema({"anyOf": [text, {"type": "number"}]} | described if number else text)


_DURATION_PATTERN = (
    r"\s*\d+(\.\d+)?\s*"
    r"(ms|s|seconds?|m|min|minutes?|h|hours?|d|days?|weeks?|y|years?)\s*"
)
_RATIO_PATTERN = r"\s*\d+(\.\d+)?\s*%?\s*"
_SIGN_PATTERN = r"\s*(<=|>=|<|>)"

Duration = Annotated[
    Quantity,
    BeforeValidator(lambda value: _quantity(value, "duration")),
    _figure(_DURATION_PATTERN, "200ms", "5min", "4 weeks"),
]
Size = Annotated[
    Quantity,
    BeforeValidator(lambda value: _quantity(value, "size")),
    _figure(r"\s*\d+(\.\d+)?\s*(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)\s*", "20 MB", "768 MiB"),
]
Ratio = Annotated[
    Quantity,
    BeforeValidator(lambda value: _quantity(value, "ratio")),
    _figure(_RATIO_PATTERN, "80%", "0.8", number=True),
]
DurationThreshold = Annotated[
    Threshold,
    BeforeValidator(lambda value: _threshold(value, "duration")),
    _figure(_SIGN_PATTERN + _DURATION_PATTERN, "< 200ms"),
]
RatioThreshold = Annotated[
    Threshold,
    BeforeValidator(lambda value: _threshold(value, "ratio")),
    _figure(_SIGN_PATTERN + _RATIO_PATTERN, "< 80%", "> 95%"),
]
SizeThreshold = Annotated[
    Threshold,
    BeforeValidator(lambda value: _threshold(value, "size")),
    _figure(_SIGN_PATTERN + r"\s*\d+(\.\d+)?\s*(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)\s*", "< 64 MB"),
]
CountThreshold = Annotated[
    Threshold,
    BeforeValidator(lambda value: _threshold(value, "count")),
    _figure(_SIGN_PATTERN + r"\s*\d+(\.\d+)?\s*", "< 1000"),
]


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


TimeOfDay = Annotated[
    time,
    BeforeValidator(lambda value: _read(value, time, _time_of_day)),
    _figure(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?", "06:00"),
]
TimeZone = Annotated[
    ZoneInfo,
    BeforeValidator(lambda value: _read(value, ZoneInfo, _zone)),
    _figure(r"[A-Za-z0-9_+/-]+", "UTC", "America/Sao_Paulo"),
]
Schedule = Annotated[
    schedule.Schedule,
    BeforeValidator(lambda value: _read(value, schedule.Schedule, schedule.parse_schedule)),
    _figure(r".+", "24/7", "8x5", "mon-fri 08:00-16:00"),
]
Cron = Annotated[
    schedule.Cron,
    BeforeValidator(lambda value: _read(value, schedule.Cron, schedule.parse_cron)),
    _figure(r"\s*\S+(\s+\S+){4}\s*", "0 6 * * *"),
]
