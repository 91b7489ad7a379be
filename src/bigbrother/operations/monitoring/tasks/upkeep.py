"""Keeps ops.db small: packs readings, deletes what has outlived its time, gives space back."""

from collections.abc import Callable, Sequence
from datetime import datetime
from sqlite3 import Connection

from bigbrother.operations.checks.report.daily import purge_reports
from bigbrother.operations.monitoring.as_of import come_to
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.monitoring.readings.points import pack_hour
from bigbrother.operations.monitoring.readings.retention import purge
from bigbrother.operations.monitoring.schedule import Every
from bigbrother.operations.monitoring.task import Task
from bigbrother.operations.monitoring.tasks.looking import Looking

Purge = Callable[[Connection, datetime], object]
"""Deletes of one table what ended before a moment."""


def upkeep(looking: Looking, histories: Sequence[Purge]) -> Task:
    """Looks after the readings, and after the alerts' history by the functions given."""

    def run(now: datetime) -> Sequence[Finding]:
        runbook, store = looking.runbook, looking.services.store
        # Each a transaction of its own: an alert must not wait until a week is packed.
        while store.write(lambda conn: pack_hour(conn, now)):
            continue
        most = runbook.watching.late_by.duration
        until = store.write(lambda conn: come_to(conn, now, most))
        store.write(lambda conn: purge(conn, runbook.retention, until))
        purge_reports(looking.services.settings, store, runbook, until)
        before = until - runbook.retention.alert_history.duration
        for history in histories:
            store.write(lambda conn, history=history: history(conn, before))  # type: ignore[misc]
        while store.give_back(runbook.cleaning.at_once):
            continue
        return []

    return Task(
        name="upkeep",
        when=lambda runbook: Every(runbook.watching.upkeep_every.duration),
        within=lambda runbook: runbook.watching.long_task_within.duration,
        run=run,
    )
