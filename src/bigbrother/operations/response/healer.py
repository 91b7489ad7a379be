"""Starts what the document has against firing alerts, and tells how it went.

Everything is decided from the open alerts and from ops.db, again and again: a watcher that died in
the midst starts nothing twice, since a run's id comes from its alert.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog

from bigbrother.kernel.errors import BigBrotherError
from bigbrother.operations.alerts.records import Alert, AlertState
from bigbrother.operations.procedures import history, requests
from bigbrother.operations.procedures.action import Action
from bigbrother.operations.procedures.procedure import Procedure
from bigbrother.operations.procedures.records import RunState
from bigbrother.operations.procedures.start import Asking
from bigbrother.operations.response import said
from bigbrother.operations.response.curing import CureDue, cures, needless, run_id_of
from bigbrother.operations.response.starting import Starter
from bigbrother.operations.store.store import Store
from bigbrother.runbook.model import Runbook

BY_ALERT = "alert"
_NOT_GOING_ON = frozenset({RunState.QUEUED, RunState.WAITING})
_log = structlog.get_logger("bigbrother.ops")


class Healer:
    """One thread calls it."""

    def __init__(self, store: Store, starter: Starter, runbook: Callable[[], Runbook]) -> None:
        self._store = store
        self._starter = starter
        self._runbook = runbook
        self._begun: dict[str, str] = {}
        """By the run that an alert asks for, the one that it got."""

    def tick(
        self, alerts: Sequence[Alert], quiet: Callable[[Alert], bool], now: datetime
    ) -> datetime | None:
        """Starts what is due; the moment at which to look again.

        Raises the first error of those that could not be started, after all others were.
        """
        runbook = self._runbook()
        firing = [alert for alert in alerts if alert.state is AlertState.FIRING]
        wanted = cures(firing, quiet, runbook, self._begun)
        errors = []
        for each in wanted:
            if each.due_at <= now:
                try:
                    self._begin(each, now)
                except Exception as error:  # noqa: BLE001 - told to the caller, after the others
                    errors.append(error)
        self._forget(firing)
        if errors:
            raise errors[0]
        return min((each.due_at for each in wanted if each.due_at > now), default=None)

    def drop_needless(self, alerts: Iterable[Alert], now: datetime) -> None:
        """Cancels runs that wait though their alert is over; call it after `tick`."""
        idle = [
            run
            for run in self._store.read(history.open_runs)
            if run.automatic and run.state in _NOT_GOING_ON and not run.cancel_asked
        ]
        if not idle:
            return
        asked = {run.id: run.alert_id for run in idle if run.alert_id is not None}
        queued = frozenset(run.id for run in idle if run.state is RunState.QUEUED)
        firing = [alert for alert in alerts if alert.state is AlertState.FIRING]
        for run_id in needless(asked, firing, queued, frozenset(self._begun.values())):
            try:
                requests.cancel(
                    self._store,
                    run_id,
                    BY_ALERT,
                    now,
                    "The alert is over, or somebody has taken it on.",
                    only_in=_NOT_GOING_ON,
                )
            except BigBrotherError as error:
                _log.info("a run could not be cancelled", run=run_id, reason=str(error))

    def _begin(self, cure: CureDue, now: datetime) -> None:
        procedure, alert = cure.procedure, cure.alert
        since = alert.fired_at or now
        joined = self._store.read(lambda conn: said.joined_run(conn, alert.id, since))
        if joined is not None:
            # Before this watcher began: what that run did is not done a second time.
            self._begun[cure.run_id] = joined
            # The next round looks at the others, of which each may have joined another.
            return
        if cure.policy == "ask":
            procedure = asking_first(procedure, self._starter.actions)
        asking = Asking(
            cure.run_id,
            BY_ALERT,
            cure.alert.summary or cure.alert.name,
            alert_id=cure.alert.id,
            automatic=True,
        )
        run, new = self._starter.start(procedure, asking, now)
        joining = [*cure.others]
        if new or run.id != cure.run_id:
            joining.append(alert)

        def note(conn: sqlite3.Connection) -> None:
            for each in joining:
                if said.joined_run(conn, each.id, each.fired_at or now) is None:
                    said.remember_run(conn, each.id, run.id, run.procedure, now)

        self._store.write(note)
        for each in (alert, *cure.others):
            self._begun[run_id_of(each)] = run.id

    def _forget(self, firing: Sequence[Alert]) -> None:
        """Of alerts that are over nothing needs to be remembered."""
        if self._begun:
            alive = {run_id_of(alert) for alert in firing}
            self._begun = {key: run for key, run in self._begun.items() if key in alive}


def asking_first(procedure: Procedure, actions: Mapping[str, Action[Any]]) -> Procedure:
    """The same, but its first step that changes anything waits for somebody's approval."""
    for number, step in enumerate(procedure.steps):
        action = actions.get(step.action)
        if action is None or action.changes:
            steps = list(procedure.steps)
            steps[number] = replace(step, approval=True)
            return replace(procedure, steps=tuple(steps))
    return procedure
