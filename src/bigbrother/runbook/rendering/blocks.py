"""What a chapter of the human runbook is made of, before it is laid out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Say = Callable[[str], str]
"""Turns an English text into the reader's language."""


@dataclass(frozen=True, slots=True)
class Code:
    """A name or command to be taken literally."""

    text: str


Cell = str | Code


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A few sentences."""

    text: str
    kind: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells below a head."""

    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    kind: Literal["table"] = "table"


@dataclass(frozen=True, slots=True)
class Listing:
    """Items under a title; numbered when their order matters, with a box when they are ticked."""

    title: str
    items: tuple[tuple[Cell, ...], ...]
    style: Literal["numbered", "plain", "boxes"]
    kind: Literal["listing"] = "listing"


@dataclass(frozen=True, slots=True)
class Listings:
    """Listings that stand side by side."""

    listings: tuple[Listing, ...]
    kind: Literal["listings"] = "listings"


@dataclass(frozen=True, slots=True)
class Commands:
    """Lines to type, each group under a comment."""

    groups: tuple[tuple[str, tuple[str, ...]], ...]
    kind: Literal["commands"] = "commands"


@dataclass(frozen=True, slots=True)
class Tree:
    """A thing, its kinds, and their parts."""

    root: str
    branches: tuple[tuple[str, tuple[str, ...]], ...]
    kind: Literal["tree"] = "tree"


@dataclass(frozen=True, slots=True)
class Heading:
    """A title within a part."""

    text: str
    kind: Literal["heading"] = "heading"


Block = Paragraph | Table | Listing | Listings | Commands | Tree | Heading


@dataclass(frozen=True, slots=True)
class Part:
    """`2.1 Daily checks` with what stands in it."""

    number: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """One of the ten."""

    number: int
    title: str
    parts: tuple[Part, ...] = field(default=())
