"""Faces whose people are known, and what is to be said of them."""

from dataclasses import dataclass

from bigbrother.operations.checks.accuracy.pairs import People
from bigbrother.operations.checks.sentences import Sentence


@dataclass(frozen=True, slots=True)
class Labelled:
    """Where faces came from."""

    people: tuple[People, ...]
    """Groups; only within one are different names different people."""
    notes: tuple[Sentence, ...]
    """First the source, then what was left out."""
