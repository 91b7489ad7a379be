"""The workers' sign of life, which they write into the database."""

from collections.abc import Callable

from bigbrother.kernel.clock import Clock
from bigbrother.operations.monitoring.units.life import Moment
from bigbrother.operations.monitoring.units.lives import Lives, Report
from bigbrother.operations.monitoring.units.silence import Silence
from bigbrother.runbook.model import Runbook

WORKER_UNIT = "bigbrother-worker"


class Heartbeats:
    """Calls the worker unit silent when no new heartbeat came for too long.

    A heartbeat is new when it differs from the one before: the database's clock may be another
    machine's, so its age by our clock would mean little.
    """

    def __init__(
        self, lives: Lives, runbook: Callable[[], Runbook], clock: Clock, report: Report
    ) -> None:
        self._lives = lives
        self._runbook = runbook
        self._clock = clock
        self._report = report
        self._silence = Silence(WORKER_UNIT)
        self._newest: bytes | None = None
        self._changed_at: float | None = None

    def begin_anew(self) -> None:
        """Nothing could be read for a while: the time of silence begins again."""
        self._changed_at = None

    def read(self, newest: bytes | None) -> None:
        """The newest heartbeat in the database's own words; None when there is none."""
        runbook = self._runbook()
        now = Moment(self._clock.now(), self._clock.monotonic_seconds())
        running = self._lives.running(WORKER_UNIT)
        is_new = newest != self._newest and self._newest is not None
        self._newest = newest
        if self._changed_at is None or running is None:
            self._changed_at = now.monotonic_seconds
        findings = []
        if is_new:
            self._changed_at = now.monotonic_seconds
            findings = self._silence.heard(running, now)
        elif now.monotonic_seconds - self._changed_at > runbook.batch.worker_dead_after.value:
            why = f"gave no sign of life for {runbook.batch.worker_dead_after}"
            findings = self._silence.missed(running, now, runbook, most=1, why=why)
        if findings:
            self._report(findings)
