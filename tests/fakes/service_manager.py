"""A service manager whose units are in the states that a test sets."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bigbrother.ports.service_manager import (
    ProcessIdentity,
    ServiceManagerUnavailable,
    UnitState,
    UnitStatus,
    UnitUnknown,
)

UNITS = ("bigbrother-db", "bigbrother-face", "bigbrother-worker", "bigbrother-ops")


def all_running() -> dict[str, UnitStatus]:
    """Every unit of the product, well."""
    return {name: UnitStatus(name, UnitState.RUNNING, 100 + n) for n, name in enumerate(UNITS)}


@dataclass
class FakeServiceManager:
    """Implements `ports.service_manager.ServiceManager`; starting and stopping set a state."""

    units: dict[str, UnitStatus] = field(default_factory=all_running)
    running: bool = True
    silent: bool = False
    """Nothing of it can be asked."""
    logs: dict[str, list[str]] = field(default_factory=dict)
    """What the units wrote."""
    manager_logs: dict[str, list[str]] = field(default_factory=dict)
    """What the manager wrote of them."""
    alive: dict[str, ProcessIdentity] = field(default_factory=dict)
    """The units' processes, where a test asks for them; `start` adds the one of `next_process`."""
    next_process: ProcessIdentity | None = None
    restarted: list[str] = field(default_factory=list)

    def set(self, unit: str, state: UnitState, reason: str = "") -> None:
        """Puts a unit into a state."""
        self.units[unit] = UnitStatus(unit, state, reason=reason)

    def is_running(self) -> bool:
        self._answer()
        return self.running

    def launch(self) -> None:
        self.running = True

    def shut_down(self) -> None:
        for unit in self.units:
            self.stop(unit)
        self.running = False

    def start(self, unit: str) -> None:
        self._known(unit)
        self.restarted.append(unit)
        self.units[unit] = replace(self.units[unit], state=UnitState.RUNNING)
        if self.next_process is not None:
            self.alive[unit] = replace(self.next_process, unit=unit)

    def stop(self, unit: str) -> None:
        self._known(unit)
        self.units[unit] = replace(self.units[unit], state=UnitState.STOPPED, process_id=None)
        self.alive.pop(unit, None)

    def restart(self, unit: str) -> None:
        self.stop(unit)
        self.start(unit)

    def status(self) -> tuple[UnitStatus, ...]:
        self._answer()
        return tuple(self.units.values())

    def processes(self) -> tuple[ProcessIdentity, ...]:
        return tuple(self.alive.values())

    def log_place(self, unit: str) -> str:
        self._known(unit)
        return f"/nowhere/{unit}.log"

    def tail_log(
        self,
        unit: str,
        lines: int,
    ) -> tuple[str, ...]:
        self._known(unit)
        return tuple(self.logs.get(unit, ())[-lines:])

    def tail_manager_log(self, unit: str, lines: int) -> tuple[str, ...]:
        self._known(unit)
        return tuple(self.manager_logs.get(unit, ())[-lines:])

    def follow_log(self, unit: str) -> Iterator[str]:
        self._known(unit)
        return iter(())

    def _answer(self) -> None:
        if self.silent:
            raise ServiceManagerUnavailable("Its socket is gone.", remedy="bigbrother up")

    def _known(self, unit: str) -> None:
        if unit not in self.units:
            raise UnitUnknown(f"No unit is called {unit}.")
