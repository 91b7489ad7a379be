"""Who keeps the units running: starts, stops, restarts them and tells how they are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import ClassVar, Literal, Protocol

from bigbrother.kernel.errors import BigBrotherError, NotFound, Unavailable

StopSignal = Literal["TERM", "INT"]


class ServiceManagerUnavailable(Unavailable):
    """The service manager does not answer."""

    code: ClassVar[str] = "service-manager-unavailable"
    title: ClassVar[str] = "The service manager does not answer"


class UnitUnknown(NotFound):
    """No unit has this name."""

    code: ClassVar[str] = "unit-unknown"
    title: ClassVar[str] = "Unknown unit"


class UnitFailed(BigBrotherError):
    """A unit could not be started or stopped."""

    code: ClassVar[str] = "unit-failed"
    title: ClassVar[str] = "A unit failed"


class UnitState(StrEnum):
    """What the manager knows of a unit's process."""

    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    RESTARTING = "restarting"
    """It died and waits for its next start."""
    STOPPING = "stopping"
    FAILED = "failed"
    """The manager gave it up."""
    UNMANAGED = "unmanaged"
    """Its process runs, but the manager that started it is gone."""


@dataclass(frozen=True, slots=True)
class UnitSpec:
    """What a unit runs and how it is stopped. Times in seconds, sizes in bytes."""

    name: str
    command: tuple[str, ...]
    folder: Path
    start_within_seconds: float
    stop_within_seconds: float
    log_bytes: int
    log_files: int
    stop_signal: StopSignal = "TERM"
    user: str | None = None
    """The system user that owns the process; None means the user who runs the manager."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Added to the manager's environment for every unit; never a secret."""


@dataclass(frozen=True, slots=True)
class UnitStatus:
    """One unit at one moment."""

    name: str
    state: UnitState
    process_id: int | None = None
    since: datetime | None = None
    """When it entered this state; UTC. None when nobody knows."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """One process, told apart from a later one with the same number by its start time."""

    unit: str
    process_id: int
    started_at: datetime


class ServiceManager(Protocol):
    """One service manager for one home. Raises ServiceManagerUnavailable when it is not there."""

    def is_running(self) -> bool:
        """Whether the manager answers and keeps this home's units."""
        ...

    def launch(self) -> None:
        """Starts the manager with no unit started yet; one that answers is left alone.

        Units that an earlier, killed manager left behind are stopped first.
        """
        ...

    def shut_down(self) -> None:
        """Stops every unit, the last started first, and then the manager. Idempotent."""
        ...

    def start(self, unit: str) -> None:
        """Starts one unit; one that runs is left alone."""
        ...

    def stop(self, unit: str) -> None:
        """Stops one unit; one that is stopped is left alone."""
        ...

    def restart(self, unit: str) -> None:
        """Stops and starts one unit."""
        ...

    def status(self) -> tuple[UnitStatus, ...]:
        """Every unit in the order of its start; also when the manager is gone."""
        ...

    def processes(self) -> tuple[ProcessIdentity, ...]:
        """The main process of every unit that runs, whether the manager is there or not."""
        ...

    def log_place(self, unit: str) -> str:
        """Where a person finds a unit's whole log: a file, or the command that shows it."""
        ...

    def tail_log(self, unit: str, lines: int) -> tuple[str, ...]:
        """The last lines of a unit's log; also when nothing runs."""
        ...

    def tail_manager_log(self, unit: str, lines: int) -> tuple[str, ...]:
        """The last lines that the manager itself wrote of a unit: starts, deaths, signals.

        None where they stand in the unit's own log.
        """
        ...

    def follow_log(self, unit: str) -> Iterator[str]:
        """New lines of a unit's log as they come, through its rotations; never ends by itself."""
        ...
