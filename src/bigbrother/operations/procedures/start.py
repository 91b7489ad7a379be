"""Begins a run: once for each id, and only where no guard stands against it."""

import json
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import JsonValue

from bigbrother.operations.procedures.arguments import check_arguments
from bigbrother.operations.procedures.errors import ArgumentsRefused
from bigbrother.operations.procedures.guards import Ground, refusal
from bigbrother.operations.procedures.history import known_run
from bigbrother.operations.procedures.procedure import Procedure
from bigbrother.operations.procedures.records import Run, RunState
from bigbrother.operations.procedures.table import add_event, run_of, storable
from bigbrother.operations.store.store import Store

_RUN_ID = re.compile(r"(?!last$)[A-Za-z0-9][A-Za-z0-9._:@-]{0,199}")


@dataclass(frozen=True, slots=True)
class Asking:
    """Who wants a run, and why."""

    run_id: str
    """The same id is the same run, however often it is asked for."""
    asked_by: str
    reason: str
    alert_id: str | None = None
    automatic: bool = False
    """Nobody in person asks: it waits its turn, and joins a run of the same procedure."""
    insist: bool = False
    """A person wants it in spite of a freeze."""
    approved: bool = False
    """Who asks approves every step that needs it, too."""


def start(
    store: Store,
    procedure: Procedure,
    arguments: Mapping[str, JsonValue],
    asking: Asking,
    ground: Ground,
    now: datetime,
) -> tuple[Run, bool]:
    """The run, and whether it is new: queued, or refused with error and remedy.

    The run of that id if there is one; for what is automatic also the one of the same procedure
    with the same arguments that has not ended. Raises ActionUnknown or ArgumentsRefused; then
    nothing is written.
    """
    if _RUN_ID.fullmatch(asking.run_id) is None:
        raise ArgumentsRefused(
            f"'{asking.run_id}' cannot be a run's id.",
            remedy="Use letters, digits and . _ : @ - only, 200 at the most; 'last' is the newest.",
        )
    check_arguments(procedure, arguments, ground.actions)
    new = _new_run(procedure, arguments, asking, now)

    def work(conn: sqlite3.Connection) -> tuple[Run, bool]:
        known = known_run(conn, asking.run_id) or _same(conn, new)
        if known is not None:
            return known, False
        refused = refusal(conn, new, ground, now)
        run = new
        if refused is not None:
            run = replace(
                new,
                state=RunState.REFUSED,
                ended_at=now,
                error=refused.detail,
                remedy=refused.remedy,
            )
        _insert(conn, run)
        if asking.approved and refused is None:
            _approve_all(conn, run, now)
        return run, True

    return store.write(work)


def _new_run(
    procedure: Procedure, arguments: Mapping[str, JsonValue], asking: Asking, now: datetime
) -> Run:
    return Run(
        id=asking.run_id,
        procedure=procedure.name,
        resource=procedure.resource,
        arguments=dict(arguments),
        steps=procedure.steps,
        fingerprint=procedure.fingerprint,
        state=RunState.QUEUED,
        reason=storable(asking.reason),
        asked_by=storable(asking.asked_by),
        alert_id=asking.alert_id,
        created_at=now,
        updated_at=now,
        ended_at=None,
        error="",
        remedy="",
        cancel_asked=False,
        pause_asked=False,
        automatic=asking.automatic,
        insisted=asking.insist,
    )


def _same(conn: sqlite3.Connection, new: Run) -> Run | None:
    """The open run that an automatic one would only repeat."""
    if not new.automatic:
        return None
    rows = conn.execute(
        # One that is being ended cures nobody.
        "SELECT * FROM run WHERE resource = ? AND procedure = ? AND ended_at IS NULL"
        " AND NOT cancel_asked AND state != ? ORDER BY state = 'queued', created_at, id",
        (new.resource, new.procedure, RunState.UNDOING),
    )
    return next((run for row in rows if (run := run_of(row)).arguments == new.arguments), None)


def _insert(conn: sqlite3.Connection, run: Run) -> None:
    conn.execute(
        "INSERT INTO run (id, procedure, resource, arguments, steps, fingerprint, state, reason,"
        " asked_by, alert_id, automatic, insisted, created_at, updated_at, ended_at, error, remedy)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            run.id,
            run.procedure,
            run.resource,
            json.dumps(run.arguments),
            json.dumps([step.as_json() for step in run.steps]),
            run.fingerprint,
            run.state,
            run.reason,
            run.asked_by,
            run.alert_id,
            run.automatic,
            run.insisted,
            run.created_at.timestamp(),
            run.updated_at.timestamp(),
            None if run.ended_at is None else run.ended_at.timestamp(),
            run.error,
            run.remedy,
        ),
    )
    add_event(
        conn,
        run.id,
        run.created_at,
        f"run.{run.state}",
        {"procedure": run.procedure, "asked_by": run.asked_by, "error": run.error},
    )


def _approve_all(conn: sqlite3.Connection, run: Run, now: datetime) -> None:
    at = now.timestamp()
    for number, step in enumerate(run.steps):
        if step.approval:
            conn.execute(
                "INSERT INTO approval (run_id, number, asked_at, until, decided_at, approved, who)"
                " VALUES (?, ?, ?, ?, ?, 1, ?)",
                (run.id, number, at, at, at, run.asked_by),
            )
            add_event(
                conn,
                run.id,
                now,
                "approval.given",
                {"number": number, "action": step.action, "who": run.asked_by},
            )
