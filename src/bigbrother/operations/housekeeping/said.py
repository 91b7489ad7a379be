"""Figures of housekeeping in words, for plans, journals and outcomes."""

from collections.abc import Sequence
from datetime import datetime

from bigbrother.operations.checks.sentences import Figure


def amount(count: int, one: str, many: str | None = None) -> str:
    """`1 file`, `1,200 files`; with `many` where an s does not make the plural."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def size(number_bytes: float) -> str:
    """`3.4 MB`."""
    return Figure(number_bytes, "bytes").text()


def share(ratio: float) -> str:
    """`12.3%`."""
    return Figure(ratio, "ratio").text()


def span(moments: Sequence[datetime]) -> str:
    """`from 2026-01-02 to 2026-03-04`; nothing without moments."""
    if not moments:
        return ""
    return f"from {min(moments):%Y-%m-%d} to {max(moments):%Y-%m-%d}"
