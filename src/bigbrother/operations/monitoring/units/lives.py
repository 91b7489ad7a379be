"""The lives of all units, shared by the threads that watch them."""

import os
import threading
from collections.abc import Callable, Sequence

from bigbrother.kernel.clock import Clock
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.monitoring.units.life import Moment, Running, UnitLife
from bigbrother.ports.service_manager import UnitState, UnitStatus
from bigbrother.runbook.model import Runbook

Report = Callable[[Sequence[Finding]], None]


class Lives:
    """Every unit but the watcher's own process, which cannot find itself dead.

    Findings are reported in the order in which things happened, whichever thread saw them.
    """

    def __init__(self, clock: Clock, runbook: Callable[[], Runbook], report: Report) -> None:
        self._clock = clock
        self._runbook = runbook
        self._report = report
        self._lock = threading.Lock()
        self._units: dict[str, UnitLife] = {}

    def exited(self, process_ids: frozenset[int]) -> None:
        """These processes ended."""
        with self._lock:
            now, runbook = self._moment(), self._runbook()
            for unit in self._units.values():
                if unit.process_id in process_ids:
                    self._tell(unit.exited(now, runbook))

    def seen(self, statuses: Sequence[UnitStatus], *, managed: bool) -> None:
        """How the units are; `managed`: says their manager, and not the system alone."""
        with self._lock:
            now, runbook = self._moment(), self._runbook()
            for status in statuses:
                if status.process_id == os.getpid():
                    continue
                unit = self._units.setdefault(status.name, UnitLife(status.name))
                self._tell(unit.seen(status, now, runbook, managed=managed))

    def process_ids(self) -> frozenset[int]:
        """The processes whose death would be news."""
        with self._lock:
            named = (unit.process_id for unit in self._units.values())
            return frozenset(each for each in named if each is not None)

    def running(self, unit: str) -> Running | None:
        """How a unit runs; None while it is down, starting or unknown."""
        with self._lock:
            life = self._units.get(unit)
            return None if life is None else life.running

    def is_down(self, unit: str) -> bool:
        """Whether a unit that is known is down."""
        with self._lock:
            return unit in self._units and self._units[unit].is_down

    def is_healing(self) -> bool:
        """Whether a unit is down for no longer than its grace: it may come back any moment."""
        with self._lock:
            now, runbook = self._moment(), self._runbook()
            return any(
                unit.is_down and unit.down_for_seconds(now) <= runbook.units[name].grace.value
                for name, unit in self._units.items()
            )

    def _moment(self) -> Moment:
        return Moment(self._clock.now(), self._clock.monotonic_seconds())

    def _tell(self, findings: Sequence[Finding]) -> None:
        if findings:
            self._report(findings)


def told_by_manager(statuses: Sequence[UnitStatus]) -> bool | None:
    """Whether a manager told these states; None when they do not show it.

    Only a manager knows more than that a process is there or not.
    """
    states = {status.state for status in statuses}
    if UnitState.UNMANAGED in states:
        return False
    return True if states - {UnitState.STOPPED} else None
