"""The unit watch on real processes: small units under a real supervisord."""

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from bigbrother.adapters.clock import SystemClock
from bigbrother.adapters.face_service import HttpFaceService
from bigbrother.kernel.quantity import Quantity
from bigbrother.kernel.status import Status
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.monitoring.units.watch import UnitWatch
from bigbrother.ports.service_manager import ServiceManager, UnitState, UnitStatus
from bigbrother.runbook.load import load_runbook
from bigbrother.runbook.model import Runbook
from tests.integration.supervisor.conftest import manager_of, place
from tests.waiting import until

__all__ = ["manager_of", "place"]

FACE, WORKER, DATABASE = "bigbrother-face", "bigbrother-worker", "bigbrother-db"
NOWHERE = "host=/nonexistent user=nobody"
_NOBODY_LISTENS = 1


class Reported:
    """What was reported, with the time of its arrival. Safe for several threads."""

    def __init__(self) -> None:
        self._clock = SystemClock()
        self._lock = threading.Lock()
        self._findings: list[tuple[float, Finding]] = []

    def __call__(self, findings: Sequence[Finding]) -> None:
        with self._lock:
            arrived = self._clock.monotonic_seconds()
            self._findings += [(arrived, each) for each in findings]

    def of(self, alert: str, unit: str = "") -> list[Finding]:
        with self._lock:
            return [
                each
                for _, each in self._findings
                if each.alert == alert and each.labels.get("unit", "") == unit
            ]

    def statuses(self, alert: str, unit: str = "") -> list[Status]:
        """Without repetitions: what the alert went through."""
        told = [each.status for each in self.of(alert, unit)]
        return [each for number, each in enumerate(told) if number == 0 or told[number - 1] != each]

    def arrival(self, alert: str, unit: str, number: int) -> float:
        """When the alert's finding of this number came, on the monotonic clock."""
        with self._lock:
            arrivals = [
                arrived
                for arrived, each in self._findings
                if each.alert == alert and each.labels.get("unit", "") == unit
            ]
        return arrivals[number]

    def wait_for(
        self, alert: str, unit: str, *statuses: Status, within_seconds: float = 10
    ) -> list[Finding]:
        """The findings of an alert once it went through these, in order."""
        until(lambda: self.statuses(alert, unit) == list(statuses), within_seconds)
        return self.of(alert, unit)


def quick(*, misses: int = 2, **changes: object) -> Runbook:
    """The document with a watchdog that is quicker, so that tests are."""
    runbook = load_runbook(None)
    alive = runbook.watching.alive.model_copy(
        update={"every": seconds(0.2), "within": seconds(0.3), "misses": misses}
    )
    watching = runbook.watching.model_copy(update={"alive": alive, **changes})
    return runbook.model_copy(update={"watching": watching})


def face_service(port: int = _NOBODY_LISTENS) -> HttpFaceService:
    """The real client of whatever listens there."""
    return HttpFaceService("127.0.0.1", port, SystemClock(), Path("/nonexistent"))


def seconds(value: float) -> Quantity:
    return Quantity(value, "duration", f"{value:g}s")


def state(manager: ServiceManager, name: str) -> UnitStatus:
    return next(each for each in manager.status() if each.name == name)


def start(manager: ServiceManager, *names: str) -> None:
    """Starts them and waits until the manager calls them running."""
    for name in names:
        manager.start(name)
    until(lambda: all(state(manager, name).state is UnitState.RUNNING for name in names))


Watch = Callable[..., Reported]


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Starts a watch and gives what it reports; stopped after the test."""
    watches: list[UnitWatch] = []

    def begin(
        manager: ServiceManager,
        *,
        port: int = _NOBODY_LISTENS,
        dsn: str = NOWHERE,
        runbook: Runbook | None = None,
    ) -> Reported:
        reported = Reported()
        document = runbook or quick()
        made = UnitWatch(
            manager,
            face_service(port),
            dsn,
            lambda: document,
            SystemClock(),
            reported,
        )
        watches.append(made)
        made.start()
        return reported

    yield begin
    for each in watches:
        each.stop()
