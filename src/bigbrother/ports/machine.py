"""What a diagnosis asks the machine: processes, pressure, descriptors, listeners, kernel, clock."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

Stalled = Literal["cpu", "memory", "io"]


@dataclass(frozen=True, slots=True)
class Process:
    """One process at one moment."""

    process_id: int
    parent_id: int
    name: str
    """The program's short name, never its arguments: they may carry secrets."""
    state: str
    """As psutil names it: `running`, `sleeping`, `stopped`, `disk-sleep`, `zombie`."""
    cpu_ratio: float
    """Its share of all processors' time over the span that was looked at."""
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class Pressure:
    """Share of the last ten seconds in which work waited for something scarce."""

    what: Stalled
    some_ratio: float
    """At least one task waited."""
    full_ratio: float
    """All of them waited at once."""


@dataclass(frozen=True, slots=True)
class OpenFiles:
    """Descriptors in use, and how many there may be."""

    used: int
    most: int


@dataclass(frozen=True, slots=True)
class Listener:
    """Somebody who takes connections."""

    address: str
    port: int
    process_id: int | None
    """None where the system does not tell this account."""
    name: str


@dataclass(frozen=True, slots=True)
class MemoryKill:
    """A process that the kernel killed since memory had run out."""

    at: datetime
    process_id: int
    name: str


@dataclass(frozen=True, slots=True)
class MemoryKills:
    """What the kernel tells of such kills."""

    since_start: int
    """Since the machine's start."""
    dated: tuple[MemoryKill, ...] | None
    """None where its log cannot be read by this account."""


@dataclass(frozen=True, slots=True)
class ClockState:
    """What the kernel thinks of its own clock."""

    in_step: bool
    """Whether somebody (NTP, PTP) keeps it right."""
    offset_seconds: float
    """How far it was off when it was corrected last."""
    worst_seconds: float
    """How far it may be off at the most."""


class Machine(Protocol):
    """Raises HostUnreadable; what only this account may not see is None."""

    def processes(self, span_seconds: float) -> tuple[Process, ...]:
        """Every process that is there at both ends of the span; 0 leaves out `cpu_ratio`."""
        ...

    def pressure(self) -> tuple[Pressure, ...]:
        """How much work waits; none where the kernel does not measure it."""
        ...

    def open_files(self, process_id: int) -> OpenFiles | None:
        """Of one process; None where it is gone or another account's."""
        ...

    def system_files(self) -> OpenFiles:
        """Of the whole machine."""
        ...

    def listeners(self, ports: Collection[int]) -> tuple[Listener, ...]:
        """Who takes TCP connections on these ports."""
        ...

    def memory_kills(self) -> MemoryKills:
        """The kernel's kills for want of memory."""
        ...

    def clock_state(self) -> ClockState | None:
        """None where the kernel does not tell."""
        ...
