"""One unit's life, as its deaths and its manager's words tell it: pure, no input or output."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime

from bigbrother.kernel.status import Status
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.ports.service_manager import UnitState, UnitStatus
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.sections.monitoring import Watching

UP = (UnitState.RUNNING, UnitState.UNMANAGED)
"""It runs, and has for a moment: a manager calls a process running once it did not die at once."""
_BY_HAND = (UnitState.STOPPING, UnitState.STOPPED)
_NEITHER = (UnitState.STARTING, UnitState.STOPPING)


@dataclass(frozen=True, slots=True)
class Moment:
    """When something was seen, by both clocks."""

    at: datetime
    monotonic_seconds: float


@dataclass(frozen=True, slots=True)
class Running:
    """The process that a unit runs as, and since when it does, as far as anybody knows."""

    process_id: int
    since_monotonic_seconds: float


@dataclass(frozen=True, slots=True)
class _Process:
    """A process as its manager names it; `since` tells two with the same number apart."""

    process_id: int
    since: datetime | None


class UnitLife:
    """What is known of one unit. Not for several threads at once."""

    def __init__(self, unit: str) -> None:
        self._unit = unit
        self._process: _Process | None = None
        """The newest one that the manager named and that is not known to be dead."""
        self._dead: _Process | None = None
        self._running: Running | None = None
        self._down: Moment | None = None
        self._came_back_from: Moment | None = None
        """When the downtime began that ended last."""
        self._told_reason = ""
        self._by_hand = False
        self._heals: deque[float] = deque()
        self._first_seen: Moment | None = None
        self._restarts: Status | None = None

    @property
    def process_id(self) -> int | None:
        """The process whose death would be news."""
        return None if self._process is None else self._process.process_id

    @property
    def running(self) -> Running | None:
        """How it runs; None while it is down or only starting."""
        return self._running

    @property
    def is_down(self) -> bool:
        """Whether it was found down and has not come back."""
        return self._down is not None

    def down_for_seconds(self, now: Moment) -> float:
        """How long it has been down; 0 when it is not."""
        return 0 if self._down is None else now.monotonic_seconds - self._down.monotonic_seconds

    def exited(self, now: Moment, runbook: Runbook) -> list[Finding]:
        """Its process ended, says the system."""
        ended, self._process = self._process, None
        self._dead = ended
        if ended is None or self._down is not None:
            return []
        return [self._goes_down(f"its process {ended.process_id} ended", "", now, runbook)]

    def seen(
        self, status: UnitStatus, now: Moment, runbook: Runbook, *, managed: bool
    ) -> list[Finding]:
        """How it is; `managed` says whether its manager told that, or the system alone."""
        self._first_seen = self._first_seen or now
        named = (
            None
            if status.process_id is None
            else _Process(
                # Without its manager the system tells the start, and a little differently.
                status.process_id,
                None if status.state is UnitState.UNMANAGED else status.since,
            )
        )
        if named is not None and named == self._dead:
            if status.state is UnitState.STOPPING:
                self._by_hand = True
            return []  # The manager has not noticed yet.
        findings: list[Finding] = []
        replaced = self._running is not None and (
            named is not None and named.process_id != self._running.process_id
        )
        if replaced:
            reason = f"its process {self.process_id} was replaced"
            findings.append(self._goes_down(reason, status.reason, now, runbook))
        self._process = named
        if status.state in UP and named is not None:
            if not self._is_on_trial(status.since, now, runbook):
                findings += self._comes_up(named, status.since, now)
        elif status.state not in _NEITHER:
            findings += self._stays_down(status, now, runbook, managed=managed)
        if managed and status.state in _BY_HAND and self._down is not None:
            self._by_hand = True
        return findings + self._calm(now, runbook.watching)

    def _goes_down(self, what: str, reason: str, now: Moment, runbook: Runbook) -> Finding:
        grace_seconds = runbook.units[self._unit].grace.value
        self._down = self._down or self._still_down_since(now, grace_seconds) or now
        self._running = None
        self._told_reason = reason
        said = f" Its manager says: {reason.rstrip('.')}." if reason else ""
        return Finding(
            "unit_down",
            Status.FAILED,
            now.at,
            {"unit": self._unit},
            summary=f"{self._unit} is down since {self._down.at:%H:%M:%S} UTC: {what}.{said}",
            remedy=f"See `bigbrother logs {self._unit}`. If it does not come back by itself: "
            "`bigbrother up`.",
            grace_seconds=max(0.0, grace_seconds - self.down_for_seconds(now)),
        )

    def _still_down_since(self, now: Moment, grace_seconds: float) -> Moment | None:
        """The last downtime's beginning, if the unit did not live for its grace since then.

        One that dies in each start would else begin a new grace each time, and page nobody.
        """
        if self._running is None:
            return None
        lived_seconds = now.monotonic_seconds - self._running.since_monotonic_seconds
        return self._came_back_from if lived_seconds < grace_seconds else None

    def _is_on_trial(self, since: datetime | None, now: Moment, runbook: Runbook) -> bool:
        """Whether it was down past its grace, so that people were told, and lives too shortly yet.

        Otherwise one that dies after each start would be told as healed, and paged, each time.
        """
        if self._down is None or since is None:
            return False
        grace_seconds = runbook.units[self._unit].grace.value
        age_seconds = max(0.0, (now.at - since).total_seconds())
        return age_seconds < grace_seconds <= self.down_for_seconds(now) - age_seconds

    def _stays_down(
        self, status: UnitStatus, now: Moment, runbook: Runbook, *, managed: bool
    ) -> list[Finding]:
        if not managed:
            reason, what = "", "it does not run, and nobody is there to start it"
        elif status.state is UnitState.STOPPED:
            reason, what = "stopped", "it is stopped"
        elif status.state is UnitState.FAILED:
            reason, what = status.reason or "given up", "its manager gave it up"
        else:
            reason, what = status.reason, "it died and waits for its next start"
        if self._down is not None and reason in ("", self._told_reason):
            return []
        found = self._goes_down(what, status.reason, now, runbook)
        self._told_reason = reason
        return [found]

    def _comes_up(self, process: _Process, since: datetime | None, now: Moment) -> list[Finding]:
        if self._running is not None:
            return []
        down, self._down = self._down, None
        self._came_back_from = down
        age_seconds = 0.0 if since is None else max(0.0, (now.at - since).total_seconds())
        self._running = Running(process.process_id, now.monotonic_seconds - age_seconds)
        self._dead, self._told_reason = None, ""
        summary = f"{self._unit} runs as process {process.process_id}."
        if down is not None:
            lasted = now.monotonic_seconds - down.monotonic_seconds
            summary = (
                f"{self._unit} runs again after {lasted:.1f} s, as process {process.process_id}."
            )
            if not self._by_hand:
                self._heals.append(now.monotonic_seconds)
        self._by_hand = False
        up = Finding("unit_down", Status.PASSED, now.at, {"unit": self._unit}, summary=summary)
        return [up]

    def _calm(self, now: Moment, watching: Watching) -> list[Finding]:
        """Whether it comes back too often to be called well."""
        begins = now.monotonic_seconds - watching.heals_within.value
        while self._heals and self._heals[0] < begins:
            self._heals.popleft()
        if len(self._heals) > watching.heals:
            status = Status.FAILED
        elif self._first_seen is not None and self._first_seen.monotonic_seconds <= begins:
            status = Status.PASSED
        else:
            return []  # Too early to say; a watcher that died may have found it restless.
        if status is self._restarts:
            return []
        self._restarts = status
        count = len(self._heals)
        return [
            Finding(
                "unit_restarts",
                status,
                now.at,
                {"unit": self._unit},
                summary=f"{self._unit} died and came back {count} times within "
                f"{watching.heals_within}.",
                remedy=f"See why it dies: `bigbrother logs {self._unit}`.",
                value=count,
                unit="count",
                threshold=f"<= {watching.heals}",
            )
        ]
