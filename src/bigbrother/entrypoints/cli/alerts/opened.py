"""ops.db for one command: the alerts are there whether the watcher runs or not."""

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from bigbrother.entrypoints.cli.exits import explain
from bigbrother.kernel.errors import BigBrotherError, InvalidInput, NotFound
from bigbrother.kernel.quantity import parse_quantity
from bigbrother.runbook.load import InvalidRunbook, load_runbook
from bigbrother.runbook.model import Runbook
from bigbrother.settings import Settings, load_settings

if TYPE_CHECKING:
    from bigbrother.operations.alerts.book import AlertBook
    from bigbrother.operations.store.store import Store

WhoOption = Annotated[
    str | None,
    typer.Option("--as", metavar="NAME", help="Who does it; you, if not said.", show_default=False),
]


class NothingWatchedYet(NotFound):
    """The watcher has never run in this home."""

    code = "nothing-watched-yet"
    title = "Nothing was watched yet"


class NotWritten(BigBrotherError):
    """ops.db could not be written, so nothing was changed."""

    code = "not-written"
    title = "Nothing was written"


@dataclass(frozen=True, slots=True)
class Opened:
    """What the commands of this group work with."""

    store: "Store"
    book: "AlertBook"
    runbook: Runbook
    now: datetime


@contextmanager
def opened() -> Iterator[Opened]:
    """The alerts of this home; raises NothingWatchedYet, or NotWritten at the end."""
    # Imported here: the help of the command line need not wait for them.
    from bigbrother.operations.alerts.book import AlertBook  # noqa: PLC0415
    from bigbrother.operations.store.store import Store  # noqa: PLC0415
    from bigbrother.wiring import system_clock  # noqa: PLC0415

    settings = load_settings()
    if not settings.ops_store.exists():
        raise NothingWatchedYet(
            f"The watcher has not run yet in {settings.home}.", remedy="Start it: bigbrother up."
        )
    runbook = _runbook(settings)
    store = Store(settings.ops_store)
    try:
        book = AlertBook(store, lambda: runbook)
        yield Opened(store, book, runbook, system_clock().now())
        if store.degraded and not store.recover():
            raise NotWritten(
                f"{settings.ops_store} cannot be written; nothing was changed.",
                remedy="Free some space on its disk.",
            )
    finally:
        store.close()


def person(given: str | None) -> str:
    """Who acts: the name given, or the account, also behind sudo."""
    if given is not None and not given.strip():
        raise InvalidInput("The name is empty.", remedy="Say who you are: --as ana.")
    return (given or os.environ.get("SUDO_USER") or _account()).strip()


def span(text: str) -> timedelta:
    """A time span such as 2h; raises InvalidInput."""
    try:
        return parse_quantity(text, "duration").duration
    except OverflowError as error:
        raise InvalidInput(
            f"'{text}' is longer than any time.", remedy="Write 2h or so."
        ) from error


def before(now: datetime, text: str) -> datetime:
    """The moment a time span ago; raises InvalidInput."""
    try:
        return now - span(text)
    except OverflowError as error:
        raise InvalidInput(f"'{text}' is before all time.", remedy="Write 7d or so.") from error


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.geteuid())


def _runbook(settings: Settings) -> Runbook:
    """A mistake in the document must not keep anybody from acknowledging an alert."""
    try:
        return load_runbook(settings.runbook_overlay)
    except InvalidRunbook as error:
        explain(error, about="The default document is used")
        return load_runbook()
