"""`bigbrother logs`: what a unit wrote."""

from typing import Annotated

import typer

from bigbrother.entrypoints.cli.completion import unit_names
from bigbrother.entrypoints.cli.exits import explains_errors
from bigbrother.entrypoints.cli.output import plain


@explains_errors
def logs(
    unit: Annotated[
        str, typer.Argument(metavar="UNIT", help="The unit's name.", autocompletion=unit_names)
    ],
    *,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Print new lines as they come.")
    ] = False,
    lines: Annotated[
        int, typer.Option("--lines", "-n", min=0, help="How many of the last lines to print.")
    ] = 100,
) -> None:
    """Prints the end of a unit's log, also when it does not run."""
    # Imported here: other commands need not wait for the database's driver.
    from bigbrother.wiring import installation  # noqa: PLC0415

    manager = installation().manager
    for line in manager.tail_log(unit, lines):
        typer.echo(plain(line))
    if follow:
        try:
            for line in manager.follow_log(unit):
                typer.echo(plain(line))
        except KeyboardInterrupt:
            return
