"""The watchdog: a face analyzer that runs must also answer."""

import http
from collections.abc import Callable

from bigbrother.kernel.clock import Clock
from bigbrother.operations.monitoring.units.life import Moment
from bigbrother.operations.monitoring.units.lives import Lives, Report
from bigbrother.operations.monitoring.units.rhythm import Rhythm
from bigbrother.operations.monitoring.units.silence import Silence
from bigbrother.ports.face_service import FaceService, FaceServiceUnreachable
from bigbrother.runbook.model import Runbook

FACE_UNIT = "bigbrother-face"


class FaceAlive:
    """Asks GET /livez again and again."""

    def __init__(
        self,
        *,
        face_service: FaceService,
        lives: Lives,
        runbook: Callable[[], Runbook],
        clock: Clock,
        report: Report,
        rhythm: Rhythm,
    ) -> None:
        self._face_service = face_service
        self._lives = lives
        self._runbook = runbook
        self._clock = clock
        self._report = report
        self._rhythm = rhythm
        self._silence = Silence(FACE_UNIT)
        self._asked_seconds = 0.0

    def round(self) -> None:
        """Looks once, and waits until it is time to look again."""
        self._look()
        self._pause()

    def _look(self) -> None:
        """Asks once, unless the unit is down: then everybody knows why it is silent."""
        asked = self._clock.monotonic_seconds()
        running = self._lives.running(FACE_UNIT)
        why = "" if running is None else self._ask()
        self._asked_seconds = self._clock.monotonic_seconds() - asked
        runbook = self._runbook()
        now = Moment(self._clock.now(), self._clock.monotonic_seconds())
        if running is not None and not why:
            findings = self._silence.heard(running, now)
        else:
            # It may have died since it was asked.
            running = self._lives.running(FACE_UNIT)
            most = runbook.watching.alive.misses
            findings = self._silence.missed(running, now, runbook, most=most, why=why)
        if findings:
            self._report(findings)

    def _pause(self) -> None:
        """Until it is time to ask again."""
        watching = self._runbook().watching
        rest = max(0.0, watching.alive.every.value - self._asked_seconds)
        if self._rhythm.pause(rest, watching.look_within.value):
            self._silence.forget()

    def _ask(self) -> str:
        """Why it cannot be called alive; empty when it answered well."""
        watching = self._runbook().watching
        try:
            answer = self._face_service.get(
                "/livez", watching.alive.within.value, int(watching.largest_metric_page.value)
            )
        except FaceServiceUnreachable as error:
            return f"it does not answer: {error.detail.rstrip('.')}"
        if answer.status == http.HTTPStatus.OK:
            return ""
        return f"it answers GET /livez with status {answer.status}"
