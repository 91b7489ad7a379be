"""How a step ended, and what is known of one that was interrupted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from pydantic import JsonValue

from bigbrother.kernel.errors import BigBrotherError


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step did."""

    summary: str
    """One sentence for a person."""
    data: Mapping[str, JsonValue] = field(default_factory=dict)
    """For later steps (`StepContext.earlier`), `undo` and programs; small."""
    skipped: bool = False
    """There was nothing to do."""


class Happened(StrEnum):
    """Whether a step that was interrupted had its effect."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    """Nobody can tell: a step that must not happen twice waits for a person."""


class StepFailed(BigBrotherError):
    """A step could not do its work.

    `again` says whether another try can help; otherwise the remaining tries are not made.
    """

    code: ClassVar[str] = "step-failed"
    title: ClassVar[str] = "A step failed"

    def __init__(self, detail: str, *, remedy: str = "", again: bool = True) -> None:
        super().__init__(detail, remedy=remedy)
        self.again = again
