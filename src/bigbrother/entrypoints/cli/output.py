"""What a command prints: its answer on stdout, everything else on stderr."""

import json
import os
import sys
import threading
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

_QUIET_SECONDS = 2.0
"""Work that is over by then needs no progress bar."""
_WIDE = 10_000


class Format(StrEnum):
    """How an answer is printed."""

    TABLE = "table"
    JSON = "json"


OutputOption = Annotated[
    Format, typer.Option("--output", "-o", help="A table for people or JSON for programs.")
]


def examples(*commands: str) -> str:
    """The examples under a command's help."""
    return "\n\n".join(("Examples:", *(f"$ {command}" for command in commands)))


def say(message: str) -> None:
    """One message for a person, on stderr."""
    typer.echo(plain(message), err=True)


def print_json(answer: object) -> None:
    """The answer as JSON on stdout; pydantic models within it are written as they came."""
    typer.echo(json.dumps(answer, ensure_ascii=False, indent=2, default=_jsonable))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """The answer as a table on stdout, as wide as it needs to be where nobody looks at it.

    A cell that is a `Text` keeps its colour on a terminal; its maker has made it `plain`.
    """
    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(
            *(value if isinstance(value, Text) else Text(plain(_cell(value))) for value in row)
        )
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDE)
    with console.capture() as captured:
        console.print(table)
    typer.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def print_record(fields: Sequence[tuple[str, object]]) -> None:
    """One thing as lines of name and value on stdout."""
    width = max(len(name) for name, _ in fields)
    for name, value in fields:
        typer.echo(f"{name:<{width}}  {plain(_cell(value))}")


def plain(text: str) -> str:
    """Text that cannot steer a terminal: control characters and broken bytes are replaced."""
    return "".join("\ufffd" if unicodedata.category(c) in ("Cc", "Cs") else c for c in text)


def shown_path(path: str | os.PathLike[str]) -> str:
    """A path as text that can be printed, whatever bytes its name has."""
    return os.fsencode(path).decode("utf-8", "replace")


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[], None]]:
    """Shows how far a longer work is, on stderr of a terminal; gives a function for each step."""
    bar = Progress(
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    task = bar.add_task(what, total=total)
    waiting = threading.Timer(_QUIET_SECONDS, bar.start)
    waiting.daemon = True
    waiting.start()
    try:
        yield lambda: bar.advance(task)
    finally:
        waiting.cancel()
        waiting.join()
        bar.stop()


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3f}"
    return str(value)


def _jsonable(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    raise TypeError(f"{type(value).__name__} has no JSON form")
