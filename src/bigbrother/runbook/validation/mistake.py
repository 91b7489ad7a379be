"""One mistake in a document, before its line is known."""

from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Mistake:
    """Where it stands in the document, what is wrong, and what to do about it."""

    path: Path
    reason: str
    remedy: str


def nearest(name: str, known: Collection[str]) -> str:
    """The remedy for a name that nobody knows: the nearest right one, or all of a few."""
    close = get_close_matches(name, known, n=1)
    if close:
        return f"Did you mean '{close[0]}'?"
    listed = sorted(known)
    shown = ", ".join(listed[:8])
    return f"Write one of {shown}{' and others' if len(listed) > 8 else ''}."
