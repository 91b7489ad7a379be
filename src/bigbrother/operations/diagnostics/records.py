"""What a diagnosis saw, and what it makes of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from bigbrother.operations.checks.result import Result
from bigbrother.operations.checks.sentences import as_json, read
from bigbrother.operations.diagnostics.scene import Scene

Group = Literal["connectivity", "resources", "services", "data", "ml"]


@dataclass(frozen=True, slots=True)
class Probe:
    """One look of a diagnosis; a result's `check` is the probe's name."""

    name: str
    group: Group
    look: Callable[[Scene], tuple[Result, ...]]
    """Raises a BigBrotherError where what it needs is away: unknown, never passed."""
    first: bool = False
    """It measures how busy the machine is: the others, which make work themselves, wait for it."""


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
            "sentences": [as_json(reason) for reason in self.reasons],
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, JsonValue]) -> "Cause":
        """The cause that `as_json` wrote, its reasons in any language again."""
        sentences, procedures = kept.get("sentences"), kept.get("procedures")
        return cls(
            str(kept.get("cause", "")),
            float(str(kept.get("likelihood", 0))),
            tuple(map(read, sentences)) if isinstance(sentences, list) else (),
            tuple(map(str, procedures)) if isinstance(procedures, list) else (),
            str(kept.get("target", "")),
        )


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
