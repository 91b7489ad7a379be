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
_log = structlog.get_logger("bigbrother.ops")


class Healer:
    """One thread calls it."""

    def __init__(self, store: Store, starter: Starter, runbook: Callable[[], Runbook]) -> None:
        self._store = store
        self._starter = starter
        self._runbook = runbook
        self._begun: set[str] = set()

    def tick(
        self, alerts: Sequence[Alert], quiet: Callable[[Alert], bool], now: datetime
    ) -> datetime | None:
        """Starts what is due; the moment at which to look again."""
        runbook = self._runbook()
        firing = [alert for alert in alerts if alert.state is AlertState.FIRING]
        wanted = [each for each in cures(firing, quiet, runbook) if each.run_id not in self._begun]
        for each in wanted:
            if each.due_at <= now:
                self._begin(each, now)
        self._forget(firing)
        return min((each.due_at for each in wanted if each.due_at > now), default=None)

    def drop_needless(self, alerts: Iterable[Alert], now: datetime) -> None:
        """Cancels runs that wait for a person though their alert is over."""
        runs = self._store.read(history.open_runs)
        asked = {run.id: run.alert_id for run in runs if run.alert_id is not None}
        waiting = frozenset(run.id for run in runs if run.state is RunState.WAITING)
        firing = [alert for alert in alerts if alert.state is AlertState.FIRING]
        for run_id in needless(asked, firing, waiting):
            try:
                requests.cancel(self._store, run_id, BY_ALERT, now, "The alert is over.")
            except BigBrotherError as error:
                _log.info("a run could not be cancelled", run=run_id, reason=str(error))

    def _begin(self, cure: CureDue, now: datetime) -> None:
        procedure = cure.procedure
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
        self._begun.add(cure.run_id)
        if not new and run.id == cure.run_id:
            return

        def note(conn: sqlite3.Connection) -> None:
            said.remember(conn, cure.alert.id, "run", f"{run.id} {run.procedure}", now)

        self._store.write(note)

    def _forget(self, firing: Sequence[Alert]) -> None:
        """Of alerts that are over nothing needs to be remembered."""
        alive = {run_id_of(alert) for alert in firing}
        self._begun &= alive


def asking_first(procedure: Procedure, actions: Mapping[str, Action[Any]]) -> Procedure:
    """The same, but its first step that changes anything waits for somebody's approval."""
    for number, step in enumerate(procedure.steps):
        if actions[step.action].changes:
            steps = list(procedure.steps)
            steps[number] = replace(step, approval=True)
            return replace(procedure, steps=tuple(steps))
    return procedure
