"""What is known of one cause: what speaks for it, what against it, and what it explains."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Shows(StrEnum):
    """What a result must be to speak."""

    BEYOND = "beyond"
    """It warns or fails."""
    DEGRADED = "degraded"
    """It warns or fails with a value: it is there, and worse than it should be."""
    FAILED = "failed"
    BROKEN = "broken"
    """It failed without a value."""
    PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that speaks for or against a cause."""

    check: str
    shows: Shows
    weight: float
    """How much it says by itself, between 0 and 1."""
    why: str
    """What it means, a sentence; its translation stands with those of the checks."""
    target: str = ""
    """The one unit, mount or source that it is about; empty: any."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """One cause. Its issue's symptoms in the document are signs too."""

    name: str
    """As in `common_issues`."""
    why: str
    """What its symptoms mean, a sentence."""
    symptoms: Mapping[str, float]
    """How much a symptom of the document says, by the check that shows it; `increasing <check>` for
    one that grows."""
    signs: tuple[Sign, ...] = ()
    """What speaks for it beside its symptoms."""
    against: tuple[Sign, ...] = ()
    one_thing: frozenset[str] = frozenset()
    """Checks that see the same thing from several sides: of all of them the strongest counts."""
    explains: tuple[str, ...] = field(default=())
    """Checks, or `check/target`, that go wrong because of it: they say less of later suspects."""

    def accounts_for(self, check: str, target: str) -> bool:
        """Whether that check goes wrong because of this cause."""
        return check in self.explains or f"{check}/{target}" in self.explains
