"""A machine whose processes, pressure and clock a test sets."""

from collections.abc import Collection
from dataclasses import dataclass, field

from bigbrother.ports.host import HostUnreadable
from bigbrother.ports.machine import (
    ClockState,
    Listener,
    MemoryKills,
    OpenFiles,
    Pressure,
    Process,
    Stalled,
)

IN_STEP = ClockState(in_step=True, offset_seconds=0.001, worst_seconds=0.05)
_STALLED: tuple[Stalled, ...] = ("cpu", "memory", "io")


def process(  # a process that does little
    process_id: int,
    name: str = "python",
    *,
    parent: int = 1,
    state: str = "sleeping",
    cpu: float = 0.0,
    memory_bytes: int = 10_000_000,
) -> Process:
    """One process."""
    return Process(process_id, parent, name, state, cpu, memory_bytes)


@dataclass
class FakeMachine:
    """Implements `ports.machine.Machine`; on it all is well until a test says otherwise."""

    running: list[Process] = field(default_factory=list)
    pressures: tuple[Pressure, ...] = tuple(Pressure(what, 0.0, 0.0) for what in _STALLED)
    files: dict[int, OpenFiles] = field(default_factory=dict)
    all_files: OpenFiles = field(default_factory=lambda: OpenFiles(100, 100_000))
    listening: tuple[Listener, ...] = ()
    kills: MemoryKills = field(default_factory=lambda: MemoryKills(0, ()))
    clock: ClockState | None = IN_STEP
    unreadable: bool = False
    spans: list[float] = field(default_factory=list)

    def processes(self, span_seconds: float) -> tuple[Process, ...]:
        self._tell()
        self.spans.append(span_seconds)
        return tuple(self.running)

    def pressure(self) -> tuple[Pressure, ...]:
        return self.pressures

    def open_files(self, process_id: int) -> OpenFiles | None:
        return self.files.get(process_id)

    def system_files(self) -> OpenFiles:
        self._tell()
        return self.all_files

    def listeners(self, ports: Collection[int]) -> tuple[Listener, ...]:
        self._tell()
        return tuple(each for each in self.listening if each.port in ports)

    def memory_kills(self) -> MemoryKills:
        self._tell()
        return self.kills

    def clock_state(self) -> ClockState | None:
        return self.clock

    def _tell(self) -> None:
        if self.unreadable:
            raise HostUnreadable("The machine does not tell.", remedy="Mount /proc.")
