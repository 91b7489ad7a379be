"""The steps from an empty machine, or a half-made or stopped home, to units that serve."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from bigbrother.installation import home, runtime
from bigbrother.installation.accounts import Accounts
from bigbrother.installation.errors import AlreadyElsewhere, BringUpFailed
from bigbrother.installation.findings import Finding
from bigbrother.installation.preflight import preflight, refuse_unmet
from bigbrother.installation.preparing import Preparation, clear_database_errors
from bigbrother.installation.readiness import is_ready, watcher_is_ready
from bigbrother.kernel.clock import Clock
from bigbrother.kernel.errors import Unavailable
from bigbrother.ports.database_server import DatabaseServer
from bigbrother.ports.service_manager import ServiceManager, UnitState
from bigbrother.runbook.model import Runbook
from bigbrother.settings import Settings, forget_running, remember_running, running_address

if TYPE_CHECKING:
    from bigbrother.installation.sample_road import SampleResult

DATABASE_UNIT = "bigbrother-db"
FACE_UNIT = "bigbrother-face"
WORKER_UNIT = "bigbrother-worker"
OPS_UNIT = "bigbrother-ops"
_POLL_SECONDS = 0.05
_LOG_LINES = 5
# After a kill -9 the system may keep the dead server's process number for a moment, and as long
# its successor sees another server at work and ends.
_DATABASE_LIVES = 5


class Reporter(Protocol):
    """Whoever tells a person how far things are."""

    def step(self, what: str) -> AbstractContextManager[None]:
        """Announces one step and, at its end, how long it took."""
        ...

    def note(self, line: str) -> None:
        """Something the person should know; no step of its own."""
        ...


@dataclass(frozen=True, slots=True)
class Installation:
    """One home with everything that brings it up, put together by `wiring`."""

    preparation: Preparation
    manager: ServiceManager
    worker_heartbeat: Callable[[str], datetime | None]
    """When a worker last said that it lives."""

    @property
    def settings(self) -> Settings:
        return self.preparation.settings

    @property
    def runbook(self) -> Runbook:
        return self.preparation.runbook

    @property
    def accounts(self) -> Accounts:
        return self.preparation.accounts

    @property
    def clock(self) -> Clock:
        return self.preparation.clock

    @property
    def server(self) -> DatabaseServer | None:
        return self.preparation.server

    @property
    def owner_dsn(self) -> str:
        return self.preparation.owner_dsn


def look(installation: Installation) -> tuple[Finding, ...]:
    """What preflight finds; changes nothing."""
    return preflight(
        installation.settings,
        installation.runbook,
        installation.accounts,
        serving=_runs(installation, FACE_UNIT),
    )


def bring_up(installation: Installation, reporter: Reporter) -> "SampleResult":
    """Does what is still to be done and proves the result; every step may be repeated.

    Raises PreflightFailed before anything is changed. When a later step fails, units that this
    call started are stopped again.
    """
    settings = installation.settings
    with reporter.step("Machine"):
        refuse_unmet(look(installation))
        unfinished = home.state_of(settings) is home.HomeState.UNFINISHED
    runtime.make(settings.runtime, passable=installation.preparation.passable)
    with one_change_at_a_time(installation, reporter):
        managed = installation.manager.is_running()
        if managed:
            _refuse_other_address(settings)
            reporter.note("Already running.")
        elif unfinished:
            reporter.note(f"The first start of {settings.home} was interrupted; finishing it.")
        try:
            return _steps(installation, reporter)
        except BaseException:
            if not managed:
                with reporter.step("Stopping what was started"):
                    _stop(installation)
            raise


def take_down(installation: Installation, reporter: Reporter) -> bool:
    """Stops every unit in reverse order; returns whether anything ran. May be repeated."""
    manager, folder = installation.manager, installation.settings.runtime
    if not folder.exists() and not manager.processes():
        return False
    runtime.make(folder, passable=installation.preparation.passable)
    with one_change_at_a_time(installation, reporter):
        ran = manager.is_running() or bool(manager.processes())
        with reporter.step("Stopping all units"):
            _stop(installation)
    return ran


def one_change_at_a_time(
    installation: Installation, reporter: Reporter
) -> AbstractContextManager[None]:
    """Held while an installation is changed; waits as long as a whole start may take."""
    within = sum(
        unit.start_within.value + unit.stop_within.value
        for unit in installation.runbook.units.values()
    )
    return runtime.one_at_a_time(
        installation.settings.runtime, installation.clock, within, reporter.note
    )


def _stop(installation: Installation) -> None:
    # First, so that whoever watches the manager knows that it was not killed.
    forget_running(installation.settings)
    installation.manager.shut_down()
    # The next start begins from the operator's file alone.
    installation.settings.published_runbook.unlink(missing_ok=True)


def _refuse_other_address(settings: Settings) -> None:
    running = running_address(settings.runtime)
    wanted = settings.model_dump(include=set(running))
    if running and running != wanted:
        raise AlreadyElsewhere(
            f"This installation runs at {running['host']}:{running['port']} already, kept by "
            f"{running.get('service_manager', settings.service_manager)}.",
            remedy="To change its address or its manager run `bigbrother down` first.",
        )


def _steps(installation: Installation, reporter: Reporter) -> "SampleResult":
    settings = installation.settings
    with reporter.step("Home"):
        installation.preparation.home(reporter.note)
    _start_database(installation, reporter)
    with reporter.step("Schema, model version and credential"):
        installation.preparation.schema(reporter.note)
    with reporter.step("Face analyzer and worker with their model"):
        before = _worker_heartbeat(installation)
        worked = _runs(installation, WORKER_UNIT)
        # Both at once: each loads its model on a core of its own.
        installation.manager.start(FACE_UNIT)
        installation.manager.start(WORKER_UNIT)
        _await(installation, FACE_UNIT, lambda: is_ready(settings))
        if not worked:
            _await(installation, WORKER_UNIT, lambda: _worker_heartbeat(installation) != before)
    with reporter.step("Watcher"):
        # Last, so that it is stopped first: what is taken down on purpose pages nobody.
        installation.manager.start(OPS_UNIT)
        _await(installation, OPS_UNIT, lambda: watcher_is_ready(settings))
    home.complete(settings)
    with reporter.step("Sample photograph"):
        return _walk_sample_road(installation)


def _walk_sample_road(installation: Installation) -> "SampleResult":
    # Imported here: the watcher, which is wired beside this, has no use for arrays and clients.
    from bigbrother.client.face_client import FaceClient  # noqa: PLC0415
    from bigbrother.installation.sample_road import walk  # noqa: PLC0415
    from bigbrother.models.samples import sample_photo  # noqa: PLC0415

    settings = installation.settings
    token = settings.admin_token_file.read_text("ascii").strip()
    with FaceClient(settings.face_url, token) as client:
        return walk(client, sample_photo(), installation.clock)


def _start_database(installation: Installation, reporter: Reporter) -> None:
    manager, server = installation.manager, installation.server
    if server is not None:
        with reporter.step("Database programs and folder"):
            installation.preparation.database_folder(reporter.note)
    with reporter.step("Service manager"):
        manager.launch()
        remember_running(installation.settings)
    if server is None:
        return
    with reporter.step("Database"), clear_database_errors(installation.settings):
        manager.start(DATABASE_UNIT)
        within = installation.runbook.units[DATABASE_UNIT].start_within.value
        watch = _Watch(installation, DATABASE_UNIT, lives=_DATABASE_LIVES)
        while True:
            try:
                server.wait_until_ready(min(within, _POLL_SECONDS * 10))
                break
            except Unavailable:
                watch.refuse_dead()
        server.prepare()


def _await(installation: Installation, unit: str, ready: Callable[[], bool]) -> None:
    watch = _Watch(installation, unit)
    while not ready():
        watch.refuse_dead()
        time.sleep(_POLL_SECONDS)


def _runs(installation: Installation, unit: str) -> bool:
    return any(each.unit == unit for each in installation.manager.processes())


def _worker_heartbeat(installation: Installation) -> datetime | None:
    with clear_database_errors(installation.settings):
        return installation.worker_heartbeat(installation.owner_dsn)


class _Watch:
    """Ends the waiting for a unit that died or takes longer than the document allows."""

    def __init__(self, installation: Installation, unit: str, *, lives: int = 1) -> None:
        self._installation = installation
        self._unit = unit
        self._within = installation.runbook.units[unit].start_within
        self._deadline = installation.clock.monotonic_seconds() + self._within.value
        self._lives = lives
        self._seen: set[int] = set()

    def refuse_dead(self) -> None:
        """Raises BringUpFailed with the end of the unit's log."""
        status = next(
            each for each in self._installation.manager.status() if each.name == self._unit
        )
        if status.process_id is not None:
            self._seen.add(status.process_id)
        waits = status.state is UnitState.RESTARTING and len(self._seen) < self._lives
        alive = status.state in (UnitState.STARTING, UnitState.RUNNING)
        if not (alive or waits) or len(self._seen) > self._lives:
            self._fail("ended by itself")
        if self._installation.clock.monotonic_seconds() > self._deadline:
            self._fail(f"was not ready within {self._within}")

    def _fail(self, what: str) -> None:
        log = self._installation.manager.log_place(self._unit)
        lines = self._installation.manager.tail_log(self._unit, _LOG_LINES)
        said = "".join(f"\n  {line}" for line in lines) or " nothing."
        raise BringUpFailed(
            f"{self._unit} {what}. The end of its log says:{said}",
            remedy=f"\nThe whole log: {log}",
        )
