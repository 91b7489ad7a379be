"""What a diagnosis saw, and what it makes of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bigbrother.operations.checks.observed import Observed
from bigbrother.operations.checks.result import Result

Group = Literal["connectivity", "resources", "services", "data", "ml"]


@dataclass(frozen=True, slots=True)
class Probe:
    """One look of a diagnosis; a result's `check` is the probe's name."""

    name: str
    group: Group
    look: Callable[[Observed], tuple[Result, ...]]
    """Raises a BigBrotherError where what it needs is away: unknown, never passed."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A problem of section 3.1 that explains what was seen."""

    name: str
    """As in `common_issues`: `high_latency`, `disk_full`."""
    likelihood: float
    """Between 0 and 1; causes are ranked by it, and one below the document's least is not named."""
    reasons: tuple[str, ...]
    """What speaks for it, a sentence each, the strongest first."""
    procedures: tuple[str, ...]
    """What helps, the best first: names that `bigbrother run` takes."""
    target: str = ""
    """Of which it is one: a unit, a mount, a model file."""

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "cause": self.name,
            "target": self.target,
            "likelihood": self.likelihood,
            "reasons": list(self.reasons),
            "procedures": list(self.procedures),
        }


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One diagnosis; what was not looked at in time is unknown in `results`."""

    at: datetime
    seconds: float
    results: tuple[Result, ...]
    causes: tuple[Cause, ...]
    """The likeliest first; none when nothing is wrong."""

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "at": self.at.isoformat(),
            "seconds": self.seconds,
            "causes": [cause.as_json() for cause in self.causes],
            "results": [result.as_json() for result in self.results],
        }
