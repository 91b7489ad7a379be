"""Tells a person on stderr how far a longer command is."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bigbrother.entrypoints.cli.output import plain, say

if TYPE_CHECKING:
    from bigbrother.installation.bring_up import Reporter

_WORTH_TELLING_SECONDS = 2.0


def reporter() -> "Reporter":
    """A live display on a terminal, plain lines elsewhere."""
    return _Live() if sys.stderr.isatty() else _Plain()


class _Live:
    """A spinner with the elapsed time for the step at work, a tick for each one done."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        began = time.perf_counter()
        display = Progress(
            SpinnerColumn(),
            TextColumn(what),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
        )
        display.add_task(what, total=None)
        mark = "[red]✗[/red]"
        try:
            with display:
                yield
            mark = "[green]✓[/green]"
        finally:
            self._console.print(f"{mark} {what} [dim]{time.perf_counter() - began:.1f} s[/dim]")

    def note(self, line: str) -> None:
        self._console.print(plain(line), markup=False)


class _Plain:
    """A line at the start of each step, and another at the end of a long one."""

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        began = time.perf_counter()
        say(f"{what} ...")
        yield
        took = time.perf_counter() - began
        if took > _WORTH_TELLING_SECONDS:
            say(f"{what}: done in {took:.1f} s")

    def note(self, line: str) -> None:
        say(line)
