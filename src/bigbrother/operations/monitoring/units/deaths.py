"""Deaths of units: told by the system at once, explained and followed by asking their manager."""

import threading
from collections.abc import Callable

from bigbrother.kernel.clock import Clock
from bigbrother.kernel.status import Status
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.monitoring.units.lives import Lives, Report, told_by_manager
from bigbrother.operations.monitoring.units.process_exits import ProcessExits
from bigbrother.operations.monitoring.units.rhythm import Rhythm
from bigbrother.ports.service_manager import ServiceManager
from bigbrother.runbook.model import Runbook

MANAGER = "service-manager"
"""The label under which the manager itself is found down."""


class Deaths:
    """Two loops: one hears of deaths and waits for nobody, the other asks the manager."""

    def __init__(
        self,
        *,
        manager: ServiceManager,
        lives: Lives,
        exits: ProcessExits,
        runbook: Callable[[], Runbook],
        clock: Clock,
        report: Report,
    ) -> None:
        self._manager = manager
        self._lives = lives
        self._exits = exits
        self._runbook = runbook
        self._clock = clock
        self._report = report
        self._look_now = threading.Event()
        self._rhythm = Rhythm(clock, self._look_now.wait)
        self._missing = 0
        self._manager_told: Status | None = None

    def hear(self) -> None:
        """Waits for processes to end, and reports them."""
        ended = self._exits.wait()
        if ended:
            self._lives.exited(ended)
            self._look_now.set()

    def round(self) -> None:
        """One look at all units, and the wait for the next."""
        self._look()
        self._pause()

    def stop(self) -> None:
        """Lets both loops return from where they wait."""
        self._look_now.set()
        self._exits.wake()

    def _look(self) -> None:
        statuses = self._manager.status()
        managed = told_by_manager(statuses)
        if managed is None:
            managed = self._manager.is_running()
        self._look_at_manager(present=managed)
        self._lives.seen(statuses, managed=managed)
        self._exits.watch(self._lives.process_ids())

    def _pause(self) -> None:
        """Until the next look: soon while a unit may come back, at once when one died."""
        watching = self._runbook().watching
        healing = self._missing == 0 and self._lives.is_healing()
        every = watching.healing_every if healing else watching.alive.every
        if self._rhythm.pause(every.value, watching.look_within.value):
            self._missing = 0
        self._look_now.clear()

    def _look_at_manager(self, *, present: bool) -> None:
        self._missing = 0 if present else self._missing + 1
        runbook = self._runbook()
        status = Status.PASSED if present else Status.FAILED
        # One silence may be a manager that is shutting everything down, this watcher first.
        certain = present or self._missing >= runbook.watching.alive.misses
        if status is self._manager_told or not certain:
            return
        self._manager_told = status
        self._report(
            [
                Finding(
                    "unit_down",
                    status,
                    self._clock.now(),
                    {"unit": MANAGER},
                    summary="The service manager answers."
                    if present
                    else "The service manager is gone: no unit that dies is started again.",
                    remedy="" if present else "Run `bigbrother up`.",
                )
            ]
        )
