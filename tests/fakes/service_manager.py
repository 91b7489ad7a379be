"""A service manager whose units are in the states that a test sets."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

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
        self.units[unit] = replace(self.units[unit], state=UnitState.RUNNING)

    def stop(self, unit: str) -> None:
        self._known(unit)
        self.units[unit] = replace(self.units[unit], state=UnitState.STOPPED, process_id=None)

    def restart(self, unit: str) -> None:
        self.stop(unit)
        self.start(unit)

    def status(self) -> tuple[UnitStatus, ...]:
        self._answer()
        return tuple(self.units.values())

    def processes(self) -> tuple[ProcessIdentity, ...]:
        return ()

    def log_file(self, unit: str) -> Path:
        self._known(unit)
        return Path("/nowhere") / f"{unit}.log"

    def tail_log(
        self,
        unit: str,
        lines: int,  # noqa: ARG002 - as the port has it
    ) -> tuple[str, ...]:
        self._known(unit)
        return ()

    def follow_log(self, unit: str) -> Iterator[str]:
        self._known(unit)
        return iter(())

    def _answer(self) -> None:
        if self.silent:
            raise ServiceManagerUnavailable("Its socket is gone.", remedy="bigbrother up")

    def _known(self, unit: str) -> None:
        if unit not in self.units:
            raise UnitUnknown(f"No unit is called {unit}.")
