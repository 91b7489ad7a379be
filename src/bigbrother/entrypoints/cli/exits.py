"""How a command ends: its exit code, and the one line that says why."""

import functools
from collections.abc import Callable
from enum import IntEnum
from typing import ParamSpec, TypeVar

import typer

from bigbrother.client.errors import AccessDenied
from bigbrother.entrypoints.cli.output import say
from bigbrother.kernel.errors import BigBrotherError, Conflict, InvalidInput, NotFound
from bigbrother.ports.database_server import DatabaseServerRefused
from bigbrother.runbook.load import InvalidRunbook
from bigbrother.settings import InvalidSettings

P = ParamSpec("P")
R = TypeVar("R")


_REFUSALS = (
    AccessDenied,
    DatabaseServerRefused,
    InvalidInput,
    InvalidRunbook,
    InvalidSettings,
    NotFound,
)


class ExitCode(IntEnum):
    """The exit codes of every command that does something."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NOT_RUNNING = 3
    """Only of `bigbrother status`: a unit does not run or is not healthy."""
    REFUSED = 4
    """Bad input, nothing of that name, or no permission; nothing was changed."""
    CONFLICT = 7
    VERIFICATION_FAILED = 9


def exit_code(error: BigBrotherError) -> ExitCode:
    """The exit code that tells a script what kind of failure this was."""
    if isinstance(error, Conflict):
        return ExitCode.CONFLICT
    if isinstance(error, _REFUSALS):
        return ExitCode.REFUSED
    return ExitCode.FAILED


def explain(error: BigBrotherError, *, about: str = "") -> None:
    """Tells a person on stderr what happened and what to do about it."""
    for line in (f"{about}: {error}" if about else f"Error: {error}").splitlines():
        say(line)


def explains_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Makes a command end with a line and an exit code where it would end with a traceback."""

    @functools.wraps(command)
    def explained(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except BigBrotherError as error:
            explain(error)
            raise typer.Exit(exit_code(error)) from error

    return explained
