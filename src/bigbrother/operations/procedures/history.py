"""What is known of runs: lists, one run, its attempts, approvals and events. Only reads."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from bigbrother.operations.procedures.errors import RunUnknown
from bigbrother.operations.procedures.records import Approval, Attempt, Run, RunEvent, RunState
from bigbrother.operations.procedures.table import approval_of, attempt_of, event_of, run_of


def list_runs(  # each a filter of its own
    conn: sqlite3.Connection,
    *,
    limit: int,
    procedure: str | None = None,
    states: Sequence[RunState] = (),
    alert_id: str | None = None,
    since: datetime | None = None,
) -> tuple[Run, ...]:
    """The newest first; no filter means all."""
    conditions, values = ["1"], list[object]()
    if procedure is not None:
        conditions.append("procedure = ?")
        values.append(procedure)
    if states:
        conditions.append(f"state IN ({', '.join('?' * len(states))})")
        values.extend(states)
    if alert_id is not None:
        conditions.append("alert_id = ?")
        values.append(alert_id)
    if since is not None:
        conditions.append("created_at >= ?")
        values.append(since.timestamp())
    rows = conn.execute(
        f"SELECT * FROM run WHERE {' AND '.join(conditions)}"  # noqa: S608 - our own words
        " ORDER BY created_at DESC, id DESC LIMIT ?",
        (*values, limit),
    )
    return tuple(run_of(row) for row in rows)


def open_runs(conn: sqlite3.Connection) -> tuple[Run, ...]:
    """Those that have not ended, the oldest first."""
    rows = conn.execute("SELECT * FROM run WHERE ended_at IS NULL ORDER BY created_at, id")
    return tuple(run_of(row) for row in rows)


def known_run(conn: sqlite3.Connection, run_id: str) -> Run | None:
    """One run by its whole id; None when there is none."""
    row = conn.execute("SELECT * FROM run WHERE id = ?", (run_id,)).fetchone()
    return None if row is None else run_of(row)


def find_run(conn: sqlite3.Connection, reference: str) -> Run:
    """By its id, or by how that begins or ends; `last` is the newest. Raises RunUnknown."""
    if reference == "last":
        rows = conn.execute("SELECT * FROM run ORDER BY created_at DESC, id DESC LIMIT 1")
    else:
        rows = conn.execute(
            "SELECT * FROM run WHERE :part != '' AND (id = :part"
            " OR substr(id, 1, length(:part)) = :part OR substr(id, -length(:part)) = :part)"
            # The exact one first, whatever else begins like it.
            " ORDER BY id = :part DESC, created_at DESC LIMIT 9",
            {"part": reference},
        )
    found = [run_of(row) for row in rows]
    if not found:
        raise RunUnknown(
            f"There is no run '{reference}'.", remedy="See them: bigbrother runs list."
        )
    if len(found) > 1 and found[0].id != reference:
        ids = ", ".join(run.id for run in found)
        raise RunUnknown(f"'{reference}' is part of {ids}.", remedy="Give more of the id.")
    return found[0]


def attempts(conn: sqlite3.Connection, run_id: str) -> tuple[Attempt, ...]:
    """Every attempt of a run, in the order in which they began."""
    rows = conn.execute(
        "SELECT * FROM attempt WHERE run_id = ? ORDER BY phase, CASE phase WHEN 'do' THEN number"
        " ELSE -number END, attempt",
        (run_id,),
    )
    return tuple(attempt_of(row) for row in rows)


def approvals(conn: sqlite3.Connection, run_id: str) -> tuple[Approval, ...]:
    """What was asked about a run's steps, in their order."""
    rows = conn.execute("SELECT * FROM approval WHERE run_id = ? ORDER BY number", (run_id,))
    return tuple(approval_of(row) for row in rows)


def events(
    conn: sqlite3.Connection, run_id: str | None = None, *, after: int = 0, limit: int
) -> tuple[RunEvent, ...]:
    """What happened after the event of that id, in order; of one run, or of all."""
    if run_id is None:
        rows = conn.execute(
            "SELECT * FROM run_event WHERE id > ? ORDER BY id LIMIT ?", (after, limit)
        )
    else:
        rows = conn.execute(
            "SELECT * FROM run_event WHERE run_id = ? AND id > ? ORDER BY id LIMIT ?",
            (run_id, after, limit),
        )
    return tuple(event_of(row) for row in rows)


def last_events(conn: sqlite3.Connection, run_id: str, *, limit: int) -> tuple[RunEvent, ...]:
    """The newest events of a run, in order."""
    rows = conn.execute(
        "SELECT * FROM run_event WHERE run_id = ? ORDER BY id DESC LIMIT ?", (run_id, limit)
    ).fetchall()
    return tuple(event_of(row) for row in reversed(rows))
