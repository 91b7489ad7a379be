"""Begins a run from the command line, whether the watcher runs or not, and follows it."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from pydantic import JsonValue

from bigbrother.entrypoints.cli.output import Format, plain, say
from bigbrother.entrypoints.cli.runs.driving import Driving
from bigbrother.entrypoints.cli.runs.ending import exit_of, tell_end
from bigbrother.entrypoints.cli.runs.follow import Follower
from bigbrother.kernel.clock import Clock
from bigbrother.kernel.errors import BigBrotherError, InvalidInput, NotFound
from bigbrother.kernel.ids import new_id
from bigbrother.operations.procedures import requests
from bigbrother.operations.procedures.arguments import check_arguments
from bigbrother.operations.procedures.catalogue import find
from bigbrother.operations.procedures.errors import RunRefused
from bigbrother.operations.procedures.guards import Ground, busy
from bigbrother.operations.procedures.procedure import Procedure
from bigbrother.operations.procedures.records import Run, RunState
from bigbrother.operations.procedures.start import Asking, start
from bigbrother.operations.response.actions import ACTIONS
from bigbrother.operations.store.store import Store
from bigbrother.runbook.following import starting_document
from bigbrother.runbook.model import Runbook
from bigbrother.settings import Settings, load_settings
from bigbrother.wiring import system_clock
from bigbrother.wiring.procedures import engine

INTERRUPTED = 130
"""The exit code of a command that Ctrl-C ended."""


class NothingInstalled(NotFound):
    """The home holds no installation."""

    code = "nothing-installed"
    title = "Nothing is installed"


class RefusedByGuard(InvalidInput):
    """A guard stands against the run; nothing was touched."""

    code = "run-refused-by-guard"
    title = "The run is refused"


@dataclass(frozen=True, slots=True)
class Installed:
    """What a run is begun with."""

    settings: Settings
    runbook: Runbook
    store: Store
    clock: Clock


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for."""

    procedure: Procedure
    arguments: Mapping[str, JsonValue]
    reason: str
    who: str

    @property
    def changes(self) -> bool:
        """Whether it does more than look."""
        return any(ACTIONS[step.action].changes for step in self.procedure.steps)


@contextmanager
def installed() -> Iterator[Installed]:
    """The installation of this home; raises NothingInstalled, StoreUnusable, InvalidRunbook."""
    settings = load_settings()
    if not settings.data.is_dir():
        raise NothingInstalled(
            f"There is no installation in {settings.home}.", remedy="Begin one: bigbrother up."
        )
    settings.ops.mkdir(mode=0o700, exist_ok=True)
    runbook = starting_document(
        settings.runbook_overlay, settings.published_runbook, settings.tuned_runbook
    )
    store = Store(settings.ops_store)
    try:
        yield Installed(settings, runbook, store, system_clock())
    finally:
        store.close()


def wanted(at: Installed, name: str, given: Sequence[str], reason: str, who: str) -> Wanted:
    """The procedure and its arguments; raises ProcedureUnknown, ArgumentsRefused, ActionUnknown."""
    procedure, arguments = find(name, at.runbook), _arguments(given)
    check_arguments(procedure, arguments, ACTIONS)
    return Wanted(procedure, arguments, reason, who)


def begin(at: Installed, wanted: Wanted, *, insist: bool) -> Run:
    """The new run; raises RunRefused where another run is in the way, RefusedByGuard otherwise."""
    now = at.clock.now()
    # Whoever types it has seen what it does, and approves.
    asking = Asking(str(new_id(now)), wanted.who, wanted.reason, insist=insist, approved=True)
    ground = Ground(at.runbook, ACTIONS, lambda: shutil.disk_usage(at.settings.ops).free)
    other = at.store.read(lambda conn: busy(conn, wanted.procedure.resource))
    run, _ = start(at.store, wanted.procedure, wanted.arguments, asking, ground, now)
    if run.state is RunState.REFUSED:
        kind = RefusedByGuard if other is None else RunRefused
        raise kind(run.error, remedy=run.remedy)
    return run


def follow(at: Installed, run: Run, output: Format, *, ours: bool) -> int:
    """Tells what happens until it ends, and drives it where no watcher does; the exit code.

    `ours`: this command began it, so that Ctrl-C cancels it unless a watcher drives it.
    """
    driving = Driving(
        at.settings, run.id, lambda: engine(at.settings, at.store, lambda: at.runbook)
    )
    follower = Follower(at.store, run.id, quiet=output is Format.JSON)
    driving.start()
    try:
        ended = _followed(at, follower, driving, run.id, ours=ours)
    finally:
        driving.stop()
    if ended is None:
        return INTERRUPTED
    tell_end(at.store, ended, output)
    return exit_of(ended, follower.attempts())


def _followed(
    at: Installed, follower: Follower, driving: Driving, run_id: str, *, ours: bool
) -> Run | None:
    """The run at its end; None when a person went away from it."""
    try:
        return follower.follow(driving.check)
    except KeyboardInterrupt:
        if not driving.here:
            say(f"The run goes on. Follow it: bigbrother runs watch {run_id}")
            say(f"End it: bigbrother runs cancel {run_id}")
            return None
    stands = f"The run stands still until somebody goes on with it: bigbrother runs watch {run_id}"
    if not ours:
        say(stands)
        return None
    say("The run is cancelled, and what was done is taken back. Ctrl-C again leaves it as it is.")
    # It may have ended this very moment.
    with suppress(BigBrotherError):
        requests.cancel(at.store, run_id, "Ctrl-C", at.clock.now())
    try:
        return follower.follow(driving.check)
    except KeyboardInterrupt:
        say(stands)
        return None


def _arguments(given: Sequence[str]) -> dict[str, JsonValue]:
    arguments: dict[str, JsonValue] = {}
    for text in given:
        name, equal, value = text.partition("=")
        if not equal or not name:
            raise InvalidInput(
                f"'{plain(text)}' is not NAME=VALUE.", remedy="Write --arg unit=bigbrother-face."
            )
        if name in arguments:
            raise InvalidInput(f"'{plain(name)}' is given twice.", remedy="Give it once.")
        arguments[name] = value
    return arguments
