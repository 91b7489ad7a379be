"""The watcher: threads that look, and one that decides, remembers and has people told.

Whatever goes wrong in one round is logged and found (`watcher_failing`); the next round comes.
"""

import threading
from collections.abc import Sequence
from datetime import datetime

import structlog

from bigbrother.kernel.status import Status
from bigbrother.operations.alerts import history
from bigbrother.operations.alerts.book import AlertBook, Change
from bigbrother.operations.alerts.links import LinkKey
from bigbrother.operations.alerts.outbox import queue
from bigbrother.operations.alerts.outbox.messages import Delivered
from bigbrother.operations.alerts.outbox.outbox import Outbox
from bigbrother.operations.alerts.records import AlertState
from bigbrother.operations.escalation.heartbeat import Heartbeat
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.monitoring.runner import Runner
from bigbrother.operations.monitoring.tasks.catalogue import tasks
from bigbrother.operations.monitoring.units.watch import UnitWatch
from bigbrother.operations.response import diagnoses
from bigbrother.operations.response.acknowledging import acknowledge_url
from bigbrother.operations.response.apart import own_finding
from bigbrother.operations.response.cures import Cures
from bigbrother.operations.response.inbox import Inbox
from bigbrother.operations.response.pager import Pager
from bigbrother.operations.response.publishing import Publisher
from bigbrother.operations.response.run_links import run_url
from bigbrother.operations.response.services import WatcherServices
from bigbrother.operations.response.sign_of_life import SignOfLife

# So many findings of a storm are decided together; between two rounds others are answered.
_FINDINGS_AT_ONCE = 1000
# The command line writes to the same file: so often it is looked whether it did.
_LOOK_SECONDS = 1.0
# Rounds that may fail in a row before their findings are given up.
_TRIES = 10
_UNIT = "bigbrother-ops"
_LOOP, _FILE = "loop", "store"
_log = structlog.get_logger("bigbrother.ops")


class Watcher:
    """Everything that the unit `bigbrother-ops` does, but HTTP."""

    def __init__(self, services: WatcherServices) -> None:
        self._services = services
        store, clock, runbook = services.store, services.clock, services.runbook
        settings = services.settings
        self._inbox = Inbox()
        self.book = AlertBook(store, runbook)
        self.outbox = Outbox(
            store,
            runbook,
            settings.secrets,
            clock,
            told=self._delivered,
            report=self.report,
        )
        self.link_key = LinkKey.of(settings.ops / "links.key")
        self._cures = Cures(
            services,
            lambda run_id, number, contact, until: run_url(
                services, self.link_key, run_id, number, contact, until
            ),
            self.report,
            self._inbox.wake,
        )
        self._pager = Pager(
            store,
            self.book,
            self.outbox,
            runbook,
            lambda key, contact, until: acknowledge_url(
                services, self.link_key, key, contact, until
            ),
            self._cures.explain,
        )
        self._units = UnitWatch(
            services.manager, services.face, services.dsn, runbook, clock, self.report
        )
        self._runner = Runner(
            store,
            services.live,
            clock,
            tasks(services, (history.purge, queue.purge, diagnoses.purge)),
            self.report,
        )
        self._heartbeat = Heartbeat(lambda: runbook().heartbeat, self.lives)
        self._publisher = Publisher(settings.published_runbook, services.unit_account)
        self._sign = SignOfLife(settings.watcher_sign, _LOOK_SECONDS)
        self._failures = 0
        self._leaving = threading.Event()
        self._delivery_ended = threading.Event()
        self._thread = threading.Thread(target=self._rounds, name="mind", daemon=True)

    def start(self) -> None:
        """Begins to watch."""
        now = self._services.clock.now()
        # Trouble of a watcher before this one: the first round that decides on it has none.
        well = [_LOOP] if self._services.store.degraded else [_LOOP, _FILE]
        self.report([own_finding(part, Status.PASSED, now) for part in well])
        self._pager.begin(now)
        self._cures.start(self.book.open_alerts())
        self.outbox.start()
        self._units.start()
        self._thread.start()

    def stop(self) -> None:
        """Ends it; what is not sent yet is sent by the next watcher."""
        stop_within_seconds = self._services.runbook().units[_UNIT].stop_within.value
        self._leaving.set()
        self._inbox.wake()
        self._thread.join(stop_within_seconds / 4)
        self._units.stop()
        self._cures.stop()
        self._runner.stop()
        self.outbox.stop(stop_within_seconds / 4)

    def report(self, findings: Sequence[Finding]) -> None:
        """Takes findings from any thread."""
        self._inbox.put(findings)

    def changed(self) -> None:
        """An alert was acknowledged or silenced by way of this process."""
        self._inbox.wake()

    def wake_runs(self) -> None:
        """Somebody asked for a run, or said something to one, by way of this process."""
        self._cures.engine.wake()

    def lives(self) -> bool:
        """Whether the deciding thread went round lately."""
        last = self._sign.last
        if last is None:
            return False
        silent_seconds = (self._services.clock.now() - last).total_seconds()
        return abs(silent_seconds) < self._services.runbook().watching.look_within.value

    def _rounds(self) -> None:
        wait_seconds = 0.0
        while not self._leaving.is_set():
            findings = self._inbox.take(_FINDINGS_AT_ONCE, wait_seconds)
            now = self._services.clock.now()
            try:
                due = self._round(findings, now)
            except Exception as error:  # noqa: BLE001 - a watcher goes on
                _log.error("a round failed", exc_info=error)
                self._pager.look_again()
                self._after_failure(findings, now, error)
                continue
            if self._failures:
                self._failures = 0
                self.report([own_finding(_LOOP, Status.PASSED, now)])
            now = self._services.clock.now()
            wait_seconds = max(0.0, min(_LOOK_SECONDS, (due - now).total_seconds()))

    def _after_failure(self, findings: Sequence[Finding], now: datetime, error: Exception) -> None:
        """Has it told; the next round comes a moment later, with the same findings."""
        self._failures += 1
        if self._failures == 1:
            self.report([own_finding(_LOOP, Status.FAILED, now, str(error))])
        if self._failures <= _TRIES:
            # One may be told only once, such as a death; to take it twice is to take it once.
            self._inbox.put_back(findings)
        else:
            # One of them may be what fails: it must not keep all others waiting.
            _log.error("findings are given up", alerts=[each.alert for each in findings])
        self._leaving.wait(_LOOK_SECONDS)

    def _round(self, findings: Sequence[Finding], now: datetime) -> datetime:
        self._look_after_the_file(now)
        self._look_at_the_document(now)
        self.book.refresh()
        changes = [*self.book.take(findings, now), *self.book.tick(now)]
        self._have_diagnosed(changes)
        if self._cures.more_to_tell():
            self._pager.explained(now)
        if self._delivery_ended.is_set():
            self._delivery_ended.clear()
            self._pager.delivery_failed(now)
        moments = [
            self._pager.follow(changes, now),
            self._cures.tick(self.book.open_alerts(), self._pager.keeps_quiet, now),
            self.book.next_due(now),
            self._runner.tick(now),
            self._heartbeat.tick(now),
        ]
        self._sign.give(now)
        return min(moment for moment in moments if moment is not None)

    def _have_diagnosed(self, changes: Sequence[Change]) -> None:
        firing = [each.alert for each in changes if each.alert.state is AlertState.FIRING]
        if firing:
            self._cures.fired(firing)
        over = [each.alert for each in changes if each.alert.state is AlertState.RESOLVED]
        if over:
            self._cures.over(over)

    def _look_after_the_file(self, now: datetime) -> None:
        store = self._services.store
        if not store.degraded:
            return
        where = "ops.db cannot be written (is the disk full?); alerts go on in memory."
        recovered = store.recover()
        status = Status.PASSED if recovered else Status.FAILED
        self.report([own_finding(_FILE, status, now, where)])

    def _look_at_the_document(self, now: datetime) -> None:
        change = self._services.live.look()
        self._publisher.publish(self._services.live.own)
        if change is None:
            return
        _log.info("the document changed", refusal=change.refusal)
        self.report(
            [
                Finding(
                    "runbook_refused",
                    Status.PASSED if change.refusal is None else Status.FAILED,
                    now,
                    summary=f"The changed runbook is refused: {change.refusal}",
                    remedy="Mend it, then: bigbrother runbook validate. The last good one is in "
                    "force.",
                )
            ]
        )

    def _delivered(self, delivered: Delivered) -> None:
        if not delivered.ok:
            self._delivery_ended.set()
            self._inbox.wake()
