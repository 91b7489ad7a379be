"""Asks a person before something is done that cannot be undone."""

import sys

import typer

from bigbrother.entrypoints.cli.exits import ExitCode
from bigbrother.entrypoints.cli.output import plain, say


def confirm(question: str, *, otherwise: str) -> None:
    """Ends the command, saying `otherwise`, unless the person says yes."""
    if not sys.stdin.isatty():
        raise typer.BadParameter("Nobody is there to be asked; confirm with --yes.")
    if not typer.confirm(plain(question), err=True):
        say(otherwise)
        raise typer.Exit(ExitCode.REFUSED)
