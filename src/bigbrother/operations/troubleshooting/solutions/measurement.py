"""The figures of a solution, measured before and after, and whether they got worse."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from bigbrother.operations.procedures.outcome import Outcome
from bigbrother.runbook.sections.tuning import Tuning

MEASURED = "measured"
"""Where an outcome's data hold what was measured."""
GIVEN_UP = "given_up"
"""Where they name figures that a step makes worse on purpose, to make others better."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a figure is, in words, and which way is better."""

    words: str
    better: Literal["higher", "lower"]
    seconds: bool = False
    """A time: what is less than `tuning.least_difference` apart is the same."""

    def text(self, value: float) -> str:
        """A value for a person."""
        return f"{value * 1000:.3g} ms" if self.seconds else f"{value:.4g}"


KINDS: Mapping[str, Kind] = {
    "answers_per_second": Kind("requests answered in a second", "higher"),
    "items_per_second": Kind("images of batches done in a second", "higher"),
    "batch_images_per_second": Kind("images of a batch done in a second", "higher"),
    "repeated_seconds": Kind("time of an image that comes again", "lower", seconds=True),
    "image_seconds": Kind("time of one image", "lower", seconds=True),
    "look_up_seconds": Kind("time of all look-ups that indexes serve", "lower", seconds=True),
    "search_seconds": Kind("time of one search", "lower", seconds=True),
    "search_recall": Kind("share of the true nearest that a search finds", "higher"),
}
"""Every figure that a solution measures."""
Figures = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure, before and after."""

    name: str
    before: float
    after: float
    worse: bool

    def __str__(self) -> str:
        kind = KINDS[self.name]
        return f"{kind.words}: {kind.text(self.before)} before, {kind.text(self.after)} after"


def compared(
    before: Figures, after: Figures, given_up: frozenset[str], tuning: Tuning
) -> Iterator[Compared]:
    """Every figure that was measured both times; one that was given up is never worse."""
    for name, was in before.items():
        if name in after:
            worse = name not in given_up and _worse(KINDS[name], was, after[name], tuning)
            yield Compared(name, was, after[name], worse)


def measured(outcome: Outcome) -> dict[str, float]:
    """What an outcome's data hold of figures that are known."""
    found = outcome.data.get(MEASURED)
    if not isinstance(found, Mapping):
        return {}
    return {
        name: float(value)
        for name, value in found.items()
        if name in KINDS and isinstance(value, int | float)
    }


def given_up(outcome: Outcome) -> frozenset[str]:
    """The figures that a step made worse on purpose."""
    found = outcome.data.get(GIVEN_UP)
    return frozenset(map(str, found)) if isinstance(found, list) else frozenset()


def as_data(figures: Figures, **more: JsonValue) -> dict[str, JsonValue]:
    """An outcome's data."""
    return {MEASURED: dict(figures), **more}


def told(figures: Figures) -> str:
    """For a person."""
    return "; ".join(
        f"{KINDS[name].words}: {KINDS[name].text(value)}" for name, value in figures.items()
    )


def _worse(kind: Kind, before: float, after: float, tuning: Tuning) -> bool:
    difference = before - after if kind.better == "higher" else after - before
    if kind.seconds and difference <= tuning.least_difference.value:
        return False
    return difference > tuning.worse_by.value * abs(before)
