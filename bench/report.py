"""The one table in which every measurement ends."""

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Row:
    """One figure beside what it is held against."""

    what: str
    measured: str
    against: str
    """The limit or rival of the same run; empty where the target is absolute."""
    ratio: str
    target: str
    met: bool | None
    """None where there is a figure and no target."""


@dataclass(frozen=True)
class LeftOut:
    """A measurement that could not be made here, and why."""

    what: str
    reason: str


Result = Row | LeftOut


def print_report(console: Console, results: Iterable[Result]) -> bool:
    """Prints the table, then what was left out; returns whether every target was met."""
    table = Table("what", "measured", "against", "ratio", "target", "met")
    met = True
    left_out = []
    for result in results:
        if isinstance(result, LeftOut):
            left_out.append(result)
            continue
        verdict = {True: "yes", False: "NO", None: ""}[result.met]
        table.add_row(
            result.what, result.measured, result.against, result.ratio, result.target, verdict
        )
        met = met and result.met is not False
    if table.row_count:
        console.print(table)
    for each in left_out:
        console.print(f"Left out: {each.what}: {each.reason}.")
    return met
