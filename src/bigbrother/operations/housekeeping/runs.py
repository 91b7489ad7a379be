"""Step purge_runs: ended runs past `retention.runs`, with their steps, approvals and events."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime

from bigbrother.kernel.last_copies import Copy, spare
from bigbrother.operations.housekeeping.moment import deleting_as_of, watchers_file
from bigbrother.operations.housekeeping.said import amount, span
from bigbrother.operations.procedures.action import Action, Arguments, StepContext
from bigbrother.operations.procedures.outcome import Happened, Outcome
from bigbrother.operations.procedures.records import RunState
from bigbrother.operations.store.store import Store


@dataclass(frozen=True, slots=True)
class _Ended:
    id: str
    at: datetime


def _expired(store: Store, before: datetime) -> tuple[_Ended, ...]:
    """The oldest first; of each procedure the last run stays, and the last that succeeded."""
    rows = store.read(
        lambda conn: conn.execute(
            "SELECT id, procedure, state, ended_at FROM run WHERE ended_at IS NOT NULL"
        ).fetchall()
    )
    copies = (
        Copy(row["id"], row["procedure"], _moment(row), row["state"] == RunState.SUCCEEDED)
        for row in rows
    )
    return tuple(_Ended(copy.what, copy.at) for copy in spare(copies) if copy.at < before)


def _do(context: StepContext, _: Arguments) -> Outcome:
    services = context.services
    at_once = services.runbook.cleaning.at_once
    with watchers_file(services) as store:
        expired = () if store is None else _expired(store, _before(context, store))
        if store is None or not expired:
            return Outcome("No run has outlived its time.", {"count": 0}, skipped=True)
        for begin in range(0, len(expired), at_once):
            ids = [run.id for run in expired[begin : begin + at_once]]
            store.write(lambda conn, ids=ids: _delete(conn, ids))  # type: ignore[misc]
            context.journal.say(f"Removed {amount(len(ids), 'run')}.")
    return Outcome(f"Removed {_told(expired)}.", {"count": len(expired)})


def _plan(context: StepContext, _: Arguments) -> str:
    with watchers_file(context.services) as store:
        expired = () if store is None else _expired(store, _before(context, store))
    return f"Would remove {_told(expired)}." if expired else "Nothing: no run is too old."


def _verify(context: StepContext, _: Arguments) -> Happened:
    with watchers_file(context.services) as store:
        expired = () if store is None else _expired(store, _before(context, store))
    return Happened.NO if expired else Happened.YES


def _before(context: StepContext, store: Store) -> datetime:
    kept = context.services.runbook.retention.runs.duration
    return deleting_as_of(context.services, store) - kept


def _delete(conn: sqlite3.Connection, ids: list[str]) -> None:
    # Steps, approvals and events go with their run.
    conn.executemany("DELETE FROM run WHERE id = ?", [(each,) for each in ids])


def _moment(row: sqlite3.Row) -> datetime:
    return datetime.fromtimestamp(row["ended_at"], UTC)


def _told(runs: tuple[_Ended, ...]) -> str:
    return f"{amount(len(runs), 'run')}, ended {span([run.at for run in runs])}"


PURGE_RUNS = Action("purge_runs", Arguments, _do, _plan, idempotent=True, verify=_verify)
