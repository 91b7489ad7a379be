"""Figures that solutions tuned, as they stand in their file: laid over default and overlay.

Each remembers the figure that it stands in for. Once an operator writes another one, or narrower
bounds, the operator's word counts and the tuned figure does not.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, ValidationError

from bigbrother.runbook.model import Runbook
from bigbrother.runbook.section import Section
from bigbrother.runbook.sections.tuning import Bounds
from bigbrother.runbook.validation.mistake import Mistake, nearest

Path = tuple[str, ...]

FIGURES: Mapping[str, Path] = {
    "images_at_once": ("serving", "images_at_once"),
    "chunks_at_once": ("batch", "chunks_at_once"),
    "chunk": ("batch", "chunk"),
    "cached_images": ("result_cache", "images"),
    "index_search_width": ("matching", "index_search_width"),
}
"""Every figure that may be tuned, under the name that its bounds have in `tuning`."""


class _Entry(Section):
    """One figure as written in the file."""

    value: Annotated[int, Field(strict=True)]
    instead_of: Annotated[int, Field(strict=True)]
    before: Annotated[int, Field(strict=True)] | None = None
    run: str
    at: AwareDatetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TunedFigure:
    """One figure that a run tuned."""

    name: str
    value: int
    instead_of: int
    """What default and overlay said then."""
    before: int | None
    """What the run found tuned already, to be put back; None: nothing was."""
    run_id: str
    at: datetime
    reason: str

    @property
    def path(self) -> Path:
        """Where it stands in the document."""
        return FIGURES[self.name]

    def as_json(self) -> dict[str, Any]:
        """As it is written in the file."""
        return {
            "value": self.value,
            "instead_of": self.instead_of,
            "before": self.before,
            "run": self.run_id,
            "at": self.at.isoformat(),
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A tuned figure that does not count any more."""

    figure: TunedFigure
    reason: str


def figures_of(values: Mapping[str, Any]) -> Iterator[TunedFigure | Mistake]:
    """What a file says, figure by figure; a mistake's path leads to the place in the file."""
    for name, given in values.items():
        if name not in FIGURES:
            yield Mistake((name,), f"no figure '{name}' is tuned.", nearest(str(name), FIGURES))
            continue
        try:
            entry = _Entry.model_validate(given)
        except ValidationError as error:
            for item in error.errors():
                reason = item["msg"].rstrip(".") + "."
                yield Mistake(
                    (name, *item["loc"]), reason, f"Run: bigbrother runbook untune {name}."
                )
            continue
        yield TunedFigure(
            name,
            entry.value,
            entry.instead_of,
            entry.before,
            entry.run,
            entry.at,
            entry.reason,
        )


def bounds_of(name: str, runbook: Runbook) -> Bounds:
    """Between which a figure may be tuned."""
    found: Bounds = getattr(runbook.tuning, name)
    return found


def value_of(name: str, runbook: Runbook) -> int:
    """What a document says of a figure."""
    section, key = FIGURES[name]
    found: int = getattr(getattr(runbook, section), key)
    return found


def why_not(figure: TunedFigure, written: Runbook) -> str | None:
    """Why a figure does not count over what operators wrote; None where it does."""
    says = value_of(figure.name, written)
    if says != figure.instead_of:
        return f"it stood in for {figure.instead_of}, and the overlay says {says} now"
    bounds = bounds_of(figure.name, written)
    if not bounds.holds(figure.value):
        return f"{figure.value} is not between {bounds.least} and {bounds.most}"
    return None


def as_overlay(figures: Mapping[str, int]) -> dict[str, Any]:
    """The figures as an overlay would say them."""
    made: dict[str, Any] = {}
    for name, value in figures.items():
        section, key = FIGURES[name]
        made.setdefault(section, {})[key] = value
    return made


def tuned_name(path: str) -> str | None:
    """The figure's name: given as such, or as its dotted path in the document; None: no such."""
    if path in FIGURES:
        return path
    by_path = {".".join(place): name for name, place in FIGURES.items()}
    return by_path.get(path)
