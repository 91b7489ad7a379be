"""Cursors: a page begins behind the identifier on which the last one ended.

Identifiers sort by creation, so a listing neither repeats nor skips what stays, however much is
added or deleted between two pages.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Protocol, TypeVar
from uuid import UUID

from bigbrother.face.gallery.errors import InvalidCursor, InvalidPageSize
from bigbrother.face.gallery.records import Page


class Identified(Protocol):
    """What a listing lists."""

    @property
    def id(self) -> UUID: ...


Item = TypeVar("Item", bound=Identified)

_BEFORE_ALL = UUID(int=0)
_LARGEST_LIMIT = 2**31


def after(cursor: str | None) -> UUID:
    """The identifier behind which the page begins; raises InvalidCursor."""
    if cursor is None:
        return _BEFORE_ALL
    try:
        raw = base64.b64decode(cursor.encode("ascii") + b"==", altchars=b"-_", validate=True)
        found = UUID(bytes=raw)
    except (binascii.Error, ValueError):
        found = None
    if found is None or _cursor(found) != cursor:
        raise InvalidCursor(
            f"{cursor[:80]!r} is no cursor of a listing.",
            remedy="Send next_cursor of the page before as it came, or none for the first page.",
        )
    return found


def fetch_limit(limit: int) -> int:
    """How many rows to ask for: one more than the page, to know whether another follows."""
    if not 1 <= limit < _LARGEST_LIMIT:
        raise InvalidPageSize(f"A page of {limit} items cannot be.", remedy="Ask for 1 or more.")
    return limit + 1


def page(items: Sequence[Item], limit: int) -> Page[Item]:
    """The page out of up to `limit` + 1 items."""
    more = len(items) > limit
    return Page(tuple(items[:limit]), _cursor(items[limit - 1].id) if more else None)


def _cursor(last: UUID) -> str:
    return base64.urlsafe_b64encode(last.bytes).decode("ascii").rstrip("=")
