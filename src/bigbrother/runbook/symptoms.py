"""Symptoms of section 3.1 as predicates: `response time > 200ms`, `high CPU usage`.

A symptom is a figure beyond a bound, a figure beyond its own check's limits (`high CPU usage`), one
that grows (`increasing queue size`), or something that does not work (`database unreachable`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from bigbrother.kernel.errors import InvalidInput
from bigbrother.kernel.quantity import Dimension, parse_quantity
from bigbrother.runbook.figures import Comparison, Threshold


class SymptomKind(StrEnum):
    """What makes a symptom present."""

    FIGURE = "figure"
    """The value is on the bad side that the text names."""
    BEYOND = "beyond"
    """The check warns or fails."""
    INCREASING = "increasing"
    """The value grew lately."""
    FAILING = "failing"
    """The check fails."""
    BROKEN = "broken"
    """The check fails without a value: it is not slow or low, it is not there."""


@dataclass(frozen=True, slots=True)
class Symptom:
    """One line of an issue's symptoms."""

    text: str
    """As it stands in the document."""
    check: str
    """The check or probe whose result shows it."""
    kind: SymptomKind
    bound: Threshold | None = None
    """Of a FIGURE: what makes it present, `> 200ms`."""
    figure: str = ""
    """Which of the result's other figures; empty: its value."""
    target: str = ""
    """The one thing that it is about; empty: any."""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Subject:
    """What a symptom may be about, and how its figure is written."""

    check: str
    dimension: Dimension
    figure: str = ""


SUBJECTS: Mapping[str, Subject] = {
    "response time": Subject("response_time", "duration"),
    "error rate": Subject("error_rate", "ratio"),
    "queue size": Subject("queue_size", "count"),
    "waiting time": Subject("queue_age", "duration"),
    "CPU usage": Subject("cpu_usage", "ratio"),
    "memory usage": Subject("memory_usage", "ratio"),
    "disk usage": Subject("disk_space", "ratio"),
    "inode usage": Subject("inodes", "ratio"),
    "GPU usage": Subject("gpu_usage", "ratio"),
    "accuracy": Subject("model_accuracy", "ratio"),
    "false positives": Subject("model_accuracy", "ratio", "false_match_ratio"),
    "inference time": Subject("inference_time", "duration"),
    "batch success": Subject("batch_success", "ratio"),
    "lock wait": Subject("locks", "duration"),
    "database connections": Subject("connections", "ratio"),
    "network latency": Subject("network_latency", "duration"),
    "certificate validity": Subject("certificates", "duration"),
    "clock skew": Subject("clock_skew", "duration"),
    "OOM kills": Subject("oom_kills", "count"),
    "image deaths": Subject("poison_images", "count"),
    "unit restarts": Subject("unit_restarts", "count"),
}
"""By their words; each can be compared with a figure, or be high, low or increasing."""

STATES: Mapping[str, tuple[str, SymptomKind, str]] = {
    "slow inference": ("inference_time", SymptomKind.BEYOND, ""),
    "failing inference": ("golden_inference", SymptomKind.FAILING, ""),
    "database unreachable": ("database_answers", SymptomKind.BROKEN, ""),
    "slow queries": ("slow_queries", SymptomKind.BEYOND, ""),
    "no worker": ("workers", SymptomKind.FAILING, ""),
    "service down": ("services_status", SymptomKind.FAILING, ""),
    "service not answering": ("hung_units", SymptomKind.FAILING, ""),
    "model files damaged": ("model_files", SymptomKind.FAILING, ""),
    "wrong model version": ("model_version", SymptomKind.FAILING, ""),
    "port taken": ("port_taken", SymptomKind.FAILING, ""),
}
"""Symptoms without a figure: check, what makes it present, and the target."""

_BEYOND = ("high", "low", "slow")
_INCREASING = "increasing"
_COMPARED = re.compile(r"(.+?)\s*(<=|>=|<|>)\s*(\S.*)")


def parse_symptom(text: str) -> Symptom:
    """Reads one symptom; raises InvalidInput, with the nearest right words as remedy."""
    said = " ".join(text.split())
    if said in STATES:
        check, kind, target = STATES[said]
        return Symptom(text, check, kind, target=target)
    compared = _COMPARED.fullmatch(said)
    if compared is not None:
        subject = _subject(compared[1], text)
        comparison: Comparison = compared[2]  # type: ignore[assignment]  # the pattern's own
        bound = Threshold(comparison, parse_quantity(compared[3], subject.dimension))
        return Symptom(text, subject.check, SymptomKind.FIGURE, bound, subject.figure)
    word, _, rest = said.partition(" ")
    if word == _INCREASING or word in _BEYOND:
        subject = _subject(rest, text)
        kind = SymptomKind.INCREASING if word == _INCREASING else SymptomKind.BEYOND
        return Symptom(text, subject.check, kind, None, subject.figure)
    raise _unknown(text)


def _subject(words: str, text: str) -> Subject:
    try:
        return SUBJECTS[words]
    except KeyError:
        raise _unknown(text, words) from None


def _unknown(text: str, words: str = "") -> InvalidInput:
    # The model is made of symptoms, and validation of the model.
    from bigbrother.runbook.validation.mistake import nearest  # noqa: PLC0415

    if words:
        return InvalidInput(
            f"'{text}' is not a symptom: nothing is called '{words}'.",
            remedy=nearest(words, SUBJECTS),
        )
    known = [
        *STATES,
        *(f"{word} {name}" for name in SUBJECTS for word in (*_BEYOND, _INCREASING)),
    ]
    return InvalidInput(f"'{text}' is not a symptom.", remedy=nearest(text, known))


def _read(value: object) -> Symptom:
    if isinstance(value, Symptom):
        return value
    try:
        return parse_symptom(str(value))
    except InvalidInput as error:
        raise ValueError(f"{error.detail} {error.remedy}") from error


SymptomText = Annotated[
    Symptom,
    BeforeValidator(_read),
    WithJsonSchema(
        {
            "type": "string",
            "description": "Such as 'response time > 200ms', 'high CPU usage', 'no worker'",
        }
    ),
]
