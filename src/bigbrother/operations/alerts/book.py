"""The open alerts: in memory for those who decide, in ops.db for those who come after a crash."""

import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import structlog

from bigbrother.kernel.status import Status
from bigbrother.operations.alerts import table
from bigbrother.operations.alerts.acknowledgement import after_hand
from bigbrother.operations.alerts.draft import Change, Draft, OpenAlerts
from bigbrother.operations.alerts.errors import TooManyAlerts
from bigbrother.operations.alerts.fingerprint import fingerprint
from bigbrother.operations.alerts.life import after_finding, after_time, due
from bigbrother.operations.alerts.lookup import find_alert
from bigbrother.operations.alerts.records import Alert, AlertEvent
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.store.store import Store
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.sections.alerting import Alerts

__all__ = ["AlertBook", "Change"]

Mark = tuple[sqlite3.Connection, int]
_UNMEASURED = (Status.UNKNOWN, Status.SKIPPED)
_log = structlog.get_logger("bigbrother.ops")


class AlertBook:
    """Takes findings, lets time pass, and takes acknowledgements; threads share it.

    Each call is one transaction, decided upon what ops.db holds at that moment: the command line
    writes to the same file.
    """

    def __init__(self, store: Store, runbook: Callable[[], Runbook]) -> None:
        self._store = store
        self._runbook = runbook
        self._lock = threading.RLock()
        self._open = OpenAlerts()
        self._mark: Mark | None = None
        self._listed: tuple[Alert, ...] | None = None
        self._due: dict[str, datetime] = {}
        self._due_by: tuple[Runbook, datetime] | None = None
        self._awake_since: datetime | None = None
        self._forgot_at: datetime | None = None
        self.refresh()

    def take(self, findings: Sequence[Finding], now: datetime) -> tuple[Change, ...]:
        """What happens to alerts by these findings, durable when it returns."""
        with self._lock:
            self._wake(now)
            keyed = [(fingerprint(finding), finding) for finding in findings]
            bad = {key for key, finding in keyed if finding.status is not Status.PASSED}
            keyed = [
                (key, finding)
                for key, finding in keyed
                if finding.status not in _UNMEASURED and (key in bad or key in self._open.alerts)
            ]
            if not keyed:
                return ()

            def decide(draft: Draft) -> None:
                for key, finding in keyed:
                    step = after_finding(finding, draft.course(key), self._alerts(), now)
                    if step.reason == "no-rule":
                        _log.error("a finding has no rule", alert=finding.alert)
                    draft.take(key, step)

            return self._change(decide)

    def tick(self, now: datetime) -> tuple[Change, ...]:
        """What time alone does: fire what has stood, end what is calm or not sent again."""
        with self._lock:
            awake_since = self._wake(now)
            self._forget(now)
            keys = [key for key, moment in self._due.items() if moment <= now]
            if not keys:
                return ()

            def decide(draft: Draft) -> None:
                for key in keys:
                    draft.take(key, after_time(draft.course(key), self._alerts(), now, awake_since))

            return self._change(decide)

    def next_due(self, now: datetime) -> datetime | None:
        """When `tick` has something to do next."""
        with self._lock:
            self._wake(now)
            return min(self._due.values(), default=None)

    def admit(self, findings: Sequence[Finding]) -> None:
        """Refuses what others send in while too much of theirs is open; raises TooManyAlerts."""
        most = self._alerts().sent_in_open
        with self._lock:
            new = {fingerprint(each) for each in findings if each.status is not Status.PASSED}
            new -= self._open.alerts.keys()
            theirs = sum(alert.origin == "sent-in" for alert in self._open.alerts.values())
        if new and theirs + len(new) > most:
            raise TooManyAlerts(
                f"{theirs} alerts that others sent in are open, and {most} may be.",
                remedy="Resolve some, or raise alerts.sent_in_open in the runbook.",
            )

    def open_alerts(self) -> tuple[Alert, ...]:
        """Those that are pending or firing."""
        with self._lock:
            if self._listed is None:
                self._listed = tuple(self._open.alerts.values())
            return self._listed

    def find(self, alert_id: str) -> Alert | None:
        """The open alert of this id."""
        with self._lock:
            return self._open.by_id(alert_id)

    def get(self, reference: str) -> Alert:
        """The alert, open or over, of this id, of an id that begins so, or an open one's name.

        Raises AlertNotFound or AmbiguousAlert.
        """
        return self._store.read(lambda conn: find_alert(conn, reference))

    def refresh(self) -> bool:
        """Reads the alerts again if another process has changed ops.db; whether it has."""
        with self._lock:
            loaded, mark = self._store.read(self._current)
            if mark == self._mark:
                return False
            self._mark = mark
            self._put(loaded)
            return True

    def acknowledge(self, reference: str, who: str, now: datetime) -> Alert:
        """Somebody takes the alert on; the first one stays.

        Raises AlertNotFound, AmbiguousAlert, AlertPending or AlertOver.
        """
        return self._hand(reference, AlertEvent(now, "acknowledged", who))

    def unacknowledge(self, reference: str, who: str, now: datetime) -> Alert:
        """Nobody has taken the alert on any more; raises as `acknowledge`."""
        return self._hand(reference, AlertEvent(now, "unacknowledged", who))

    def _hand(self, reference: str, event: AlertEvent) -> Alert:
        with self._lock:
            meant = self.get(reference)
            after: list[Alert] = []

            def decide(draft: Draft) -> None:
                step = after_hand(meant, draft.course(meant.fingerprint), event)
                draft.take(meant.fingerprint, step)
                after[:] = [step.course.alert or meant]

            self._change(decide)
            return after[0]

    def _change(self, decide: Callable[[Draft], None]) -> tuple[Change, ...]:
        def work(conn: sqlite3.Connection) -> tuple[Draft, Mark]:
            base, mark = self._current(conn)
            draft = Draft(base)
            decide(draft)
            draft.write(conn)
            return draft, mark

        draft, mark = self._store.write(work)
        self._mark = mark
        reloaded = draft.base is not self._open
        draft.base.put(draft.courses)
        if reloaded:
            self._put(draft.base)
        else:
            self._listed = None
            self._schedule(draft.courses)
        return tuple(draft.changes)

    def _current(self, conn: sqlite3.Connection) -> tuple[OpenAlerts, Mark]:
        """What ops.db holds now, read again only if somebody else wrote, or the file changed."""
        mark = (conn, conn.execute("PRAGMA data_version").fetchone()[0])
        return (self._open if mark == self._mark else OpenAlerts.load(conn)), mark

    def _put(self, loaded: OpenAlerts) -> None:
        self._open = loaded
        self._listed = None
        self._due_by = None

    def _alerts(self) -> Alerts:
        return self._runbook().alerts

    def _wake(self, now: datetime) -> datetime:
        """Plans for all alerts anew after a start, and when the document or ops.db changed."""
        if self._awake_since is None or now < self._awake_since:
            self._awake_since = now
            self._due_by = None
        by = (self._runbook(), self._awake_since)
        if self._due_by is None or self._due_by[0] is not by[0]:
            self._due_by = by
            self._due = {}
            self._schedule(self._open.alerts)
        return self._awake_since

    def _schedule(self, keys: Iterable[str]) -> None:
        if self._due_by is None:
            return
        runbook, awake_since = self._due_by
        for key in keys:
            moment = due(self._open.course(key), runbook.alerts, awake_since)
            if moment is None:
                self._due.pop(key, None)
            else:
                self._due[key] = moment

    def _forget(self, now: datetime) -> None:
        """Drops the changes of what was calm for long, now and then."""
        span = self._alerts().flapping_within.duration
        if self._forgot_at is not None and self._forgot_at <= now < self._forgot_at + span:
            return
        self._forgot_at = now
        calm = [
            key
            for key, times in self._open.changes.items()
            if times[-1] < now - span and key not in self._open.alerts
        ]
        if calm:
            self._store.write(lambda conn: table.forget_changes(conn, now - span))
            for key in calm:
                del self._open.changes[key]
