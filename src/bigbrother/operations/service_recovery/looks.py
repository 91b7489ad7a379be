"""One look at a unit: its manager, its process, its answer; and what stands in its way."""

from dataclasses import dataclass
from typing import Literal

from bigbrother.operations.checks.port_holder import Holder, port_holder
from bigbrother.operations.procedures.action import ActionServices
from bigbrother.operations.service_recovery.answers import (
    database_silence,
    face_lives,
    silence,
)
from bigbrother.operations.service_recovery.process import is_suspended
from bigbrother.operations.service_recovery.units import (
    DATABASE,
    FACE,
    WORKER,
    managed,
    needs,
    port_of,
    status_of,
)
from bigbrother.ports.service_manager import ProcessIdentity, UnitState, UnitStatus

Kind = Literal["manager", "down", "suspended", "silent", "port-taken", "database-elsewhere"]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a unit is not well."""

    unit: str
    """The one that must be mended, which may be another than the one looked at."""
    kind: Kind
    said: str
    """A sentence."""
    passing: bool = False
    """Its manager may be healing it just now."""


@dataclass(frozen=True, slots=True)
class Look:
    """A unit at one moment."""

    status: UnitStatus
    process: ProcessIdentity | None
    manager_runs: bool
    troubles: tuple[Trouble, ...] = ()
    """In the order in which they are mended; none when the unit works."""

    @property
    def healthy(self) -> bool:
        return not self.troubles


def look(services: ActionServices, unit: str) -> Look:
    """Looks once, without waiting for anything to change. Raises UnitUnknown."""
    status, runs = status_of(services, unit), services.manager.is_running()
    process = process_of(services, unit)
    if not runs:
        gone = Trouble(unit, "manager", "The service manager does not run.")
        return Look(status, process, runs, (gone,))
    own = _own_trouble(services, status, process)
    if own is None:
        return Look(status, process, runs)
    below = _trouble_below(services, unit)
    if below is not None and own.kind == "silent" and _only_lacks_database(services, unit):
        return Look(status, process, runs, (below,))
    return Look(status, process, runs, (own,) if below is None else (below, own))


def process_of(services: ActionServices, unit: str) -> ProcessIdentity | None:
    """Its main process, whether its manager lives or not."""
    return next((each for each in services.manager.processes() if each.unit == unit), None)


def stranger_on_port(
    services: ActionServices, unit: str, process: ProcessIdentity | None
) -> Holder | None:
    """Who listens where the unit should, if it is not the unit."""
    port = port_of(services, unit)
    holder = None if port is None else port_holder(port)
    ours = process is not None and holder is not None and holder.process_id == process.process_id
    return None if ours else holder


def _own_trouble(
    services: ActionServices, status: UnitStatus, process: ProcessIdentity | None
) -> Trouble | None:
    unit = status.name
    if process is not None and is_suspended(process):
        said = f"Process {process.process_id} of {unit} is stopped: it lives and does nothing."
        return Trouble(unit, "suspended", said)
    if process is None or status.state is not UnitState.RUNNING:
        stranger = stranger_on_port(services, unit, process)
        if stranger is not None:
            place = f"{services.settings.host}:{port_of(services, unit)}"
            return Trouble(unit, "port-taken", f"{place} of {unit} is taken by {stranger}.")
    if process is None:
        heals = status.state in (UnitState.RESTARTING, UnitState.STARTING, UnitState.RUNNING)
        reason = f": {status.reason}" if status.reason else "."
        return Trouble(unit, "down", f"{unit} is {status.state}{reason}", passing=heals)
    why = silence(services, unit)
    if not why:
        return None
    said = f"{unit} runs as process {process.process_id}, but {why}."
    age = services.clock.now() - process.started_at
    young = age < services.runbook.units[unit].start_within.duration
    return Trouble(unit, "silent", said, passing=young)


def _trouble_below(services: ActionServices, unit: str) -> Trouble | None:
    """What is wrong with the database that the unit needs."""
    if DATABASE not in needs(unit):
        return None
    if managed(services, DATABASE):
        return _own_trouble(services, status_of(services, DATABASE), process_of(services, DATABASE))
    why = database_silence(services)
    return Trouble(DATABASE, "database-elsewhere", f"{_capital(why)}.") if why else None


def _only_lacks_database(services: ActionServices, unit: str) -> bool:
    # A worker's only answer is what it writes into the database.
    return unit == WORKER or (unit == FACE and face_lives(services))


def _capital(clause: str) -> str:
    return clause[:1].upper() + clause[1:]
