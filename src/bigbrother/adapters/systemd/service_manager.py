"""systemd behind `ports.service_manager.ServiceManager`, by way of its own commands.

`bigbrother.target` stands for the manager of this home: it is up while systemd keeps the units.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import psutil

from bigbrother.adapters.systemd.commands import (
    ANSWER_SECONDS,
    TARGET,
    follow_journal,
    journal,
    systemctl,
)
from bigbrother.adapters.systemd.properties import (
    SHOW,
    Properties,
    parsed,
    process_id,
    unit_status,
)
from bigbrother.ports.service_manager import (
    ProcessIdentity,
    ServiceManagerUnavailable,
    UnitFailed,
    UnitSpec,
    UnitStatus,
    UnitUnknown,
)
from bigbrother.runbook.validation.mistake import nearest


class SystemdManager:
    """The units of one home as systemd keeps them; `units` in the order of their start."""

    def __init__(self, units: Sequence[UnitSpec]) -> None:
        self._units = {unit.name: unit for unit in units}

    def is_running(self) -> bool:
        try:
            # One of them is enough: somebody may have started a unit without the target.
            systemctl("is-active", "--quiet", TARGET, *(_service(name) for name in self._units))
        except (ServiceManagerUnavailable, UnitFailed):
            return False
        return True

    def launch(self) -> None:
        # The target alone: the units are started one by one, each when all it needs is there.
        systemctl("start", "--job-mode=ignore-dependencies", TARGET)

    def shut_down(self) -> None:
        units = [_service(name) for name in reversed(self._units)]
        systemctl("stop", TARGET, *units, timeout_seconds=self._stop_seconds())

    def start(self, unit: str) -> None:
        self._spec(unit)
        self._forget_failures(unit)
        # Readiness is the caller's to judge, as with every manager.
        systemctl("start", "--no-block", _service(unit))

    def stop(self, unit: str) -> None:
        spec = self._spec(unit)
        within_seconds = spec.stop_within_seconds + ANSWER_SECONDS
        systemctl("stop", _service(unit), timeout_seconds=within_seconds)

    def restart(self, unit: str) -> None:
        spec = self._spec(unit)
        self._forget_failures(unit)
        within_seconds = spec.stop_within_seconds + spec.start_within_seconds + ANSWER_SECONDS
        # One order: a caller that is killed now leaves no unit stopped.
        systemctl("restart", _service(unit), timeout_seconds=within_seconds)

    def status(self) -> tuple[UnitStatus, ...]:
        return tuple(unit_status(name, shown) for name, shown in self._shown())

    def processes(self) -> tuple[ProcessIdentity, ...]:
        return tuple(_identities(self._shown()))

    def log_place(self, unit: str) -> str:
        self._spec(unit)
        return f"journalctl -u {unit}"

    def tail_log(self, unit: str, lines: int) -> tuple[str, ...]:
        self._spec(unit)
        return journal([f"_SYSTEMD_UNIT={_service(unit)}"], lines)

    def tail_manager_log(self, unit: str, lines: int) -> tuple[str, ...]:
        self._spec(unit)
        return journal(["_PID=1", f"UNIT={_service(unit)}"], lines)

    def follow_log(self, unit: str) -> Iterator[str]:
        self._spec(unit)
        return follow_journal([f"_SYSTEMD_UNIT={_service(unit)}"])

    def _spec(self, unit: str) -> UnitSpec:
        if unit not in self._units:
            raise UnitUnknown(
                f"There is no unit '{unit}'.", remedy=nearest(unit, tuple(self._units))
            )
        return self._units[unit]

    def _shown(self) -> Iterator[tuple[str, Properties]]:
        text = systemctl(*SHOW, *(_service(name) for name in self._units))
        return zip(self._units, parsed(text), strict=True)

    def _forget_failures(self, unit: str) -> None:
        """A unit that an operator's own limit gave up may be started again."""
        try:
            systemctl("reset-failed", _service(unit))
        except UnitFailed:
            return  # It has none, since it was not loaded until now.

    def _stop_seconds(self) -> float:
        return sum(unit.stop_within_seconds for unit in self._units.values()) + ANSWER_SECONDS


def _service(unit: str) -> str:
    return f"{unit}.service"


def _identities(shown: Iterator[tuple[str, Properties]]) -> Iterator[ProcessIdentity]:
    for name, properties in shown:
        number = process_id(properties)
        if number is None:
            continue
        try:
            started = psutil.Process(number).create_time()
        except psutil.Error:
            continue  # It ended a moment ago.
        yield ProcessIdentity(name, number, datetime.fromtimestamp(started, tz=UTC))
