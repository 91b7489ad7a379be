"""Everything that watches the units from moment to moment, in four threads."""

import threading
from collections.abc import Callable, Sequence

import structlog

from bigbrother.kernel.clock import Clock
from bigbrother.kernel.status import Status
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.monitoring.units.alive import FaceAlive
from bigbrother.operations.monitoring.units.deaths import Deaths
from bigbrother.operations.monitoring.units.lines import DatabaseLine
from bigbrother.operations.monitoring.units.lives import Lives, Report
from bigbrother.operations.monitoring.units.process_exits import process_exits
from bigbrother.operations.monitoring.units.rhythm import Rhythm
from bigbrother.ports.face_service import FaceService
from bigbrother.ports.service_manager import ServiceManager
from bigbrother.runbook.model import Runbook

_log = structlog.get_logger("bigbrother.ops")
_STOP_WITHIN_SECONDS = 1.5


class UnitWatch:
    """Reports findings from its threads: `report` must be quick and safe to call from any."""

    def __init__(
        self,
        manager: ServiceManager,
        face_service: FaceService,
        dsn: str,
        runbook: Callable[[], Runbook],
        clock: Clock,
        report: Report,
    ) -> None:
        self._runbook = runbook
        self._clock = clock
        self._given_report = report
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._exits = process_exits(runbook().watching.healing_every.value)
        lives = Lives(clock, runbook, self._tell)
        self._deaths = Deaths(
            manager=manager,
            lives=lives,
            exits=self._exits,
            runbook=runbook,
            clock=clock,
            report=self._tell,
        )
        self._alive = FaceAlive(
            face_service=face_service,
            lives=lives,
            runbook=runbook,
            clock=clock,
            report=self._tell,
            rhythm=Rhythm(clock, self._stopping.wait),
        )
        self._line = DatabaseLine(
            dsn=dsn, lives=lives, runbook=runbook, clock=clock, report=self._tell
        )

    def start(self) -> None:
        """Starts the threads; a second call changes nothing."""
        if self._threads:
            return
        senses = {
            "deaths": self._deaths.hear,
            "units": self._deaths.round,
            "alive": self._alive.round,
            "line": self._line.round,
        }
        for sense, take_round in senses.items():
            thread = threading.Thread(
                target=self._rounds, args=(sense, take_round), name=f"watch-{sense}", daemon=True
            )
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Nothing is reported any more; returns within two seconds. Idempotent.

        A thread that waits for somebody's answer at this moment ends with the process.
        """
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._deaths.stop()
        self._line.stop()
        deadline = self._clock.monotonic_seconds() + _STOP_WITHIN_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, deadline - self._clock.monotonic_seconds()))
        if not any(thread.is_alive() for thread in self._threads):
            self._exits.close()
            self._line.close()

    def _rounds(self, sense: str, take_round: Callable[[], None]) -> None:
        """One round after the other; one that fails is told, and the next comes all the same."""
        works: bool | None = None
        while not self._stopping.is_set():
            try:
                take_round()
            except Exception as error:  # noqa: BLE001 - no sense goes dark over one round
                if works is not False:
                    _log.exception("a sense fails", sense=sense)
                    reason = f"fails: {type(error).__name__}: {error}"
                    self._tell_of_itself(sense, Status.FAILED, reason)
                works = False
                self._stopping.wait(self._runbook().watching.alive.every.value)
            else:
                if works is not True:
                    self._tell_of_itself(sense, Status.PASSED, "works.")
                works = True

    def _tell_of_itself(self, sense: str, status: Status, how: str) -> None:
        finding = Finding(
            "watcher_failing",
            status,
            self._clock.now(),
            {"sense": sense},
            summary=f"The watcher's sense '{sense}' {how}",
            remedy="See `bigbrother logs bigbrother-ops`." if status is Status.FAILED else "",
        )
        self._tell([finding])

    def _tell(self, findings: Sequence[Finding]) -> None:
        if not self._stopping.is_set():
            self._given_report(findings)
