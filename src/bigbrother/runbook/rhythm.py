"""How often something is done, how long it is kept, and how much of it is let through."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from bigbrother.kernel.errors import InvalidInput
from bigbrother.kernel.quantity import Quantity, parse_quantity

_DAY_SECONDS = 86_400.0
# The longest that the word can mean: what is kept must outlive the longest month.
_PERIOD_SECONDS: dict[str, float | None] = {
    "hourly": 3_600.0,
    "daily": _DAY_SECONDS,
    "weekly": 7 * _DAY_SECONDS,
    "monthly": 31 * _DAY_SECONDS,
    "yearly": 366 * _DAY_SECONDS,
    "pre-update": None,
}
_VERSIONS = re.compile(r"([1-9]\d{0,3}) versions?")
_RATE = re.compile(r"([1-9]\d{0,8})/(s|min|h)")


@dataclass(frozen=True, slots=True)
class Rhythm:
    """`daily`, or an occasion such as `pre-update`, which has no period."""

    text: str
    period_seconds: float | None

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Kept:
    """How long something is kept: for a time, or until so many newer versions of it exist."""

    text: str
    seconds: float | None
    versions: int | None

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Rate:
    """So many within a time: `1000/min`."""

    text: str
    count: int
    per_seconds: float

    def __str__(self) -> str:
        return self.text


def parse_rhythm(text: str) -> Rhythm:
    """Reads a rhythm; raises InvalidInput."""
    word = text.strip()
    if word not in _PERIOD_SECONDS:
        raise InvalidInput(
            f"'{text}' is not a rhythm.", remedy=f"Write one of {', '.join(_PERIOD_SECONDS)}."
        )
    return Rhythm(word, _PERIOD_SECONDS[word])


def parse_kept(text: str) -> Kept:
    """Reads a duration or a number of versions; raises InvalidInput."""
    found = _VERSIONS.fullmatch(text.strip())
    if found is not None:
        return Kept(text.strip(), None, int(found[1]))
    try:
        span = parse_quantity(text, "duration")
    except InvalidInput as error:
        raise InvalidInput(
            f"'{text}' is not a retention.",
            remedy="Write a time such as '30 days', or a number of versions: '2 versions'.",
        ) from error
    return Kept(span.text, span.value, None)


def parse_rate(text: str) -> Rate:
    """Reads a rate; raises InvalidInput."""
    found = _RATE.fullmatch(text.strip())
    if found is None:
        raise InvalidInput(f"'{text}' is not a rate.", remedy="Write it like '1000/min'.")
    seconds: Quantity = parse_quantity(f"1{found[2]}", "duration")
    return Rate(text.strip(), int(found[1]), seconds.value)


def _reader(kind: type, parse: Callable[[str], object]) -> BeforeValidator:
    def read(value: object) -> object:
        if isinstance(value, kind):
            return value
        try:
            return parse(str(value))
        except InvalidInput as error:
            raise ValueError(str(error)) from error

    return BeforeValidator(read)


RhythmFigure = Annotated[
    Rhythm,
    _reader(Rhythm, parse_rhythm),
    WithJsonSchema({"type": "string", "enum": list(_PERIOD_SECONDS)}),
]
KeptFigure = Annotated[
    Kept,
    _reader(Kept, parse_kept),
    WithJsonSchema(
        {"type": "string", "description": "A time ('30 days') or a number ('2 versions')."}
    ),
]
RateFigure = Annotated[
    Rate,
    _reader(Rate, parse_rate),
    WithJsonSchema(
        {"type": "string", "pattern": f"^{_RATE.pattern}$", "description": "Such as '1000/min'."}
    ),
]
