"""Live bars on stderr of a terminal, with pace and remaining time; nothing elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from bigbrother.entrypoints.cli.batch.pace import Count, pace, shown_pace, telling

_FRAME_SECONDS = 0.1
"""Nobody sees more, and thousands of images may be passed over in a second."""


class Show(Protocol):
    """Moves a bar of images."""

    def __call__(self, done: int, pending: int, *, before: int = 0) -> None:
        """How many are done, and how many are still to come.

        `before`: of those that are done, how many were so already and tell nothing of the pace.
        """
        ...


@contextmanager
def image_bar(what: str) -> Iterator[Show]:
    """A bar of images; gives the function that moves it."""
    bar = _bar(TextColumn(what), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[at]}"))
    task = bar.add_task(what, total=None, at="")
    counts: list[Count] = []

    def show(done: int, pending: int, *, before: int = 0) -> None:
        now = time.perf_counter()
        if pending and counts and now - counts[-1].seconds < _FRAME_SECONDS:
            return
        counts.append(Count(now, done - before))
        counts[:] = telling(counts)
        at = shown_pace(pace(counts, pending)) if pending else ""
        bar.update(task, completed=done, total=done + pending, at=at)

    with bar:
        yield show


@contextmanager
def upload_bar(what: str) -> Iterator[Callable[[int, int | None], None]]:
    """A bar of bytes; gives a function that is told how many were sent, and of how many."""
    bar = _bar(
        TextColumn(what),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    task = bar.add_task(what, total=None)
    with bar:
        yield lambda sent, total: bar.update(task, completed=sent, total=total)


def _bar(*columns: ProgressColumn) -> Progress:
    return Progress(
        *columns,
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
