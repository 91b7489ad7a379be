"""The line to the database is kept open, so that its end is news at once; and over it the
worker's sign of life is read."""

import os
import select
from collections.abc import Callable
from contextlib import suppress

from bigbrother.kernel.clock import Clock
from bigbrother.kernel.status import Status
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.monitoring.units.heartbeats import Heartbeats
from bigbrother.operations.monitoring.units.line import Line, LineClosed, LineSilent
from bigbrother.operations.monitoring.units.lives import Lives, Report
from bigbrother.operations.monitoring.units.rhythm import Rhythm
from bigbrother.runbook.model import Runbook

DATABASE_UNIT = "bigbrother-db"
_NEWEST_HEARTBEAT = "SELECT max(last_heartbeat) FROM queue.procrastinate_workers"


class DatabaseLine:
    """Opens a line, opens it again when it is closed, and now and then a fresh one.

    An old line goes on answering when the server takes no new ones, which is as bad.
    """

    def __init__(
        self,
        *,
        dsn: str,
        lives: Lives,
        runbook: Callable[[], Runbook],
        clock: Clock,
        report: Report,
    ) -> None:
        self._dsn = dsn
        self._lives = lives
        self._runbook = runbook
        self._clock = clock
        self._report = report
        self._rhythm = Rhythm(clock, self._wait)
        self._wake_read, self._wake_write = os.pipe()
        self._line: Line | None = None
        self._opened_at = 0.0
        self._misses = 0
        self._told: Status | None = None
        self._heartbeats = Heartbeats(lives, runbook, clock, report)
        self._looked_seconds = 0.0

    def round(self) -> None:
        """Looks once, and waits until it is time to look again."""
        self._look()
        self._pause()

    def stop(self) -> None:
        """Lets a pause return, this one and all to come."""
        os.write(self._wake_write, b"w")

    def close(self) -> None:
        """Gives everything back; no look or pause may be under way."""
        self._drop()
        os.close(self._wake_read)
        os.close(self._wake_write)

    def _look(self) -> None:
        """Asks the database and reads the worker's sign of life."""
        began = self._clock.monotonic_seconds()
        watching = self._runbook().watching
        try:
            line = self._open_line(watching.alive.within.value)
            line.ask("SELECT 1", watching.alive.within.value)
        except LineClosed as error:
            self._lost(f"PostgreSQL cannot be reached: {error}.", most=1)
        except LineSilent as error:
            seconds = watching.alive.within
            self._lost(
                f"PostgreSQL is silent: {error} within {seconds}.", most=watching.alive.misses
            )
        else:
            self._misses = 0
            self._tell(Status.PASSED, "PostgreSQL answers.")
            self._read_heartbeat(line, watching.look_within.value)
        self._looked_seconds = self._clock.monotonic_seconds() - began

    def _pause(self) -> None:
        """Until the next look; a line that closes meanwhile is reported, and mended at once."""
        watching = self._runbook().watching
        rest = max(0.0, watching.alive.every.value - self._looked_seconds)
        try:
            slept = self._rhythm.pause(rest, watching.look_within.value)
        except LineClosed as error:
            self._lost(f"PostgreSQL closed the watcher's line: {error}.", most=1)
            return
        if slept:
            self._misses = 0
            self._heartbeats.begin_anew()

    def _open_line(self, within_seconds: float) -> Line:
        now = self._clock.monotonic_seconds()
        fresh_every = self._runbook().watching.fresh_line_every.value
        if self._line is None or now - self._opened_at >= fresh_every:
            fresh = Line(self._dsn, self._clock, within_seconds)
            self._drop()
            self._line, self._opened_at = fresh, now
        return self._line

    def _read_heartbeat(self, line: Line, within_seconds: float) -> None:
        try:
            self._heartbeats.read(line.ask(_NEWEST_HEARTBEAT, within_seconds))
        except (LineClosed, LineSilent):
            self._drop()
            self._heartbeats.begin_anew()

    def _wait(self, seconds: float) -> None:
        if self._line is not None:
            self._line.wait(seconds, self._wake_read)
        else:
            select.select([self._wake_read], [], [], seconds)

    def _lost(self, what: str, *, most: int) -> None:
        self._drop()
        self._heartbeats.begin_anew()
        self._misses += 1
        # A database unit that is down is told already, with the reason.
        if self._misses >= most and not self._lives.is_down(DATABASE_UNIT):
            self._tell(Status.FAILED, what)

    def _drop(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            with suppress(OSError):
                line.close()

    def _tell(self, status: Status, summary: str) -> None:
        if status is self._told:
            return
        self._told = status
        failed = status is Status.FAILED
        finding = Finding(
            "database_unreachable",
            status,
            self._clock.now(),
            summary=summary,
            remedy=f"See `bigbrother status` and `bigbrother logs {DATABASE_UNIT}`."
            if failed
            else "",
            grace_seconds=self._runbook().units[DATABASE_UNIT].grace.value if failed else 0,
        )
        self._report([finding])
