"""What the watcher remembers of housekeeping: when each procedure was due last."""

import sqlite3
from datetime import UTC, datetime

from bigbrother.operations.housekeeping.schedule import Due, due, schedules
from bigbrother.runbook.model import Runbook

_FACT = "due:"


def take_up(conn: sqlite3.Connection, runbook: Runbook, now: datetime) -> list[Due]:
    """What is to be started now; call `started` for each once its run is begun.

    Who is killed in between finds the same again, and starts it under the same run id. A procedure
    that is new, or whose schedule was changed, waits for its next moment from now; so does one
    whose last moment lies ahead by more than `watching.late_by`: the clock was set back.
    """
    known = {row["name"]: row for row in _rows(conn)}
    latest = now.timestamp() + runbook.watching.late_by.value
    last = {}
    for procedure, schedule in schedules(runbook).items():
        row = known.get(f"{_FACT}{procedure}")
        if row is None or row["value"] != schedule or row["at"] > latest:
            _note(conn, procedure, schedule, now)
            last[procedure] = now
        else:
            last[procedure] = datetime.fromtimestamp(row["at"], UTC)
    return due(runbook, last, now)


def last_due(conn: sqlite3.Connection) -> dict[str, datetime]:
    """By procedure, when it was due last, or became known; as `due` and `next_due` take it."""
    return {
        row["name"].removeprefix(_FACT): datetime.fromtimestamp(row["at"], UTC)
        for row in _rows(conn)
    }


def started(conn: sqlite3.Connection, runbook: Runbook, each: Due) -> None:
    """Its run is begun, or refused: it is not due again before its next moment."""
    schedule = schedules(runbook).get(each.procedure)
    if schedule is not None:
        _note(conn, each.procedure, schedule, each.due_at)


def _rows(conn: sqlite3.Connection) -> list[sqlite3.Row]:
    return conn.execute(
        "SELECT name, value, at FROM fact WHERE substr(name, 1, length(:fact)) = :fact",
        {"fact": _FACT},
    ).fetchall()


def _note(conn: sqlite3.Connection, procedure: str, schedule: str, at: datetime) -> None:
    conn.execute(
        "INSERT OR REPLACE INTO fact (name, value, at) VALUES (?, ?, ?)",
        (f"{_FACT}{procedure}", schedule, at.timestamp()),
    )
