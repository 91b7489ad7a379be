"""Reads the Prometheus text format, and refuses a page that cannot be trusted.

The watcher reads a page each few seconds for years, so it must be cheap; and what it reads comes
from outside, so a page is taken whole or not at all.
"""

import math
import re
from dataclasses import dataclass
from typing import Literal, cast, get_args

from bigbrother.operations.checks.errors import MetricPageInvalid

Kind = Literal["counter", "gauge", "histogram", "summary", "untyped"]
Labels = tuple[tuple[str, str], ...]
"""Names and values, in the page's order."""

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*+"
_LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*+="(?:[^"\\]++|\\["\\n])*+"'
_NUMBER = r"[-+]?+(?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)(?:[eE][-+]?+[0-9]++)?+|[-+]?+Inf|NaN"
_SAMPLE = re.compile(
    rf"({_NAME})(?:\{{((?:{_LABEL}(?:,{_LABEL})*+,?+)?+)\}})?+[ \t]++({_NUMBER})"
    # A time that a scraper would use; the watcher has its own.
    r"(?:[ \t]++-?[0-9]++)?+[ \t]*+"
)
_ONE_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*+)="((?:[^"\\]++|\\["\\n])*+)"')
_TYPE = re.compile(rf"# TYPE ({_NAME}) ([a-z]+)[ \t]*")
_ESCAPES = {r"\\": "\\", r"\"": '"', r"\n": "\n"}
_SUFFIXES = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("_sum", "_count")}
_QUOTED_CHARACTERS = 60
_REMEDY = "Look at /metrics of the face analyzer, and whether something else listens on its port."


@dataclass(frozen=True, slots=True)
class Sample:
    """One line of the page."""

    name: str
    labels: Labels
    value: float

    def label(self, name: str) -> str:
        """The label's value; empty when it has none."""
        return next((value for key, value in self.labels if key == name), "")


@dataclass(frozen=True, slots=True)
class MetricPage:
    """Every sample by its name, and every family's type."""

    samples: dict[str, list[Sample]]
    types: dict[str, Kind]

    def named(self, name: str) -> list[Sample]:
        """The samples of this name; none where the page has none."""
        return self.samples.get(name, [])

    def single(self, name: str) -> float | None:
        """The value of the one sample of this name without labels."""
        found = self.named(name)
        return found[0].value if len(found) == 1 and not found[0].labels else None


def read_page(body: bytes, *, largest_bytes: int, most_samples: int) -> MetricPage:
    """The page; raises MetricPageInvalid, with the line where one is to blame."""
    if len(body) > largest_bytes:
        raise _refused(f"It has more than {largest_bytes} bytes.")
    if body.count(b"\n") > 4 * most_samples:
        raise _refused(f"It has more than {4 * most_samples} lines.")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refused(f"It is not UTF-8 at byte {error.start}.") from error
    reader = _Reader(most_samples)
    for number, given in enumerate(text.split("\n"), 1):
        line = given.removesuffix("\r")
        if line:
            reader.take(number, line)
    return MetricPage(reader.samples, reader.types)


class _Reader:
    def __init__(self, most_samples: int) -> None:
        self.samples: dict[str, list[Sample]] = {}
        self.types: dict[str, Kind] = {}
        # Which names belong to a family of a type other than gauge: they are never negative.
        self._rising: set[str] = set()
        self._seen: set[tuple[str, Labels]] = set()
        self._most = most_samples

    def take(self, number: int, line: str) -> None:
        if line[0] == "#":
            if line.startswith("# TYPE "):
                self._take_type(number, line)
            return
        found = _SAMPLE.fullmatch(line)
        if found is None:
            raise _refused(f"Line {number} is no sample: {_quoted(line)}.")
        name, inside, figure = found.groups()
        labels = _labels(number, inside) if inside else ()
        value = float(figure)
        if not math.isfinite(value):
            raise _refused(f"Line {number} is no figure that can be used: {_quoted(line)}.")
        if value < 0 and name in self._rising:
            raise _refused(f"Line {number} is negative, and only ever rises: {_quoted(line)}.")
        series = (name, labels if len(labels) < 2 else tuple(sorted(labels)))
        if series in self._seen:
            raise _refused(f"Line {number} has a series that stands twice: {_quoted(line)}.")
        self._seen.add(series)
        if len(self._seen) > self._most:
            raise _refused(f"It has more than {self._most} samples.")
        self.samples.setdefault(name, []).append(Sample(name, labels, value))

    def _take_type(self, number: int, line: str) -> None:
        found = _TYPE.fullmatch(line)
        if found is None or found[2] not in get_args(Kind):
            raise _refused(f"Line {number} names no type: {_quoted(line)}.")
        name, kind = found[1], cast("Kind", found[2])
        if name in self.types:
            raise _refused(f"Line {number} has a type that stands twice: {_quoted(line)}.")
        self.types[name] = kind
        if kind == "counter":
            self._rising.add(name)
        # A sum may fall where what is observed may be negative.
        self._rising |= {name + end for end in _SUFFIXES.get(kind, ()) if end != "_sum"}


def _labels(number: int, inside: str) -> Labels:
    found = _ONE_LABEL.findall(inside)
    if len({name for name, _ in found}) < len(found):
        raise _refused(f"Line {number} has a label twice.")
    if "\\" not in inside:
        return tuple(found)
    return tuple(
        (name, re.sub(r"\\.", lambda escape: _ESCAPES[escape[0]], value)) for name, value in found
    )


def _quoted(line: str) -> str:
    return repr(line if len(line) <= _QUOTED_CHARACTERS else f"{line[:_QUOTED_CHARACTERS]}…")


def _refused(reason: str) -> MetricPageInvalid:
    return MetricPageInvalid(
        f"The metric page of the face analyzer is refused. {reason}", remedy=_REMEDY
    )
