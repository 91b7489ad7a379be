"""The last good copy of anything never goes, however old it is and however full the disk."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Copy(Generic[T]):
    """One of several that could stand for each other: a log's file, a run of a procedure."""

    what: T
    of: str
    """What it is a copy of: the newest of these stays."""
    at: datetime
    good: bool = True
    """Whether somebody could go by it; a failed run is none that proves that a procedure works."""


def spare(copies: Iterable[Copy[T]]) -> tuple[Copy[T], ...]:
    """Those that may go, the oldest first: of each thing the newest stays, and the newest good."""
    ordered = sorted(copies, key=lambda copy: copy.at)
    newest = {copy.of: number for number, copy in enumerate(ordered)}
    newest_good = {copy.of: number for number, copy in enumerate(ordered) if copy.good}
    kept = {*newest.values(), *newest_good.values()}
    return tuple(copy for number, copy in enumerate(ordered) if number not in kept)
