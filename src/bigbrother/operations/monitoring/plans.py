"""The due rows of ops.db."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from bigbrother.operations.monitoring.schedule import Plan


class Outcome(StrEnum):
    """How a run ended, or that it did not."""

    RUNNING = "running"
    REPEATED = "repeated"
    """It runs once more, since the watcher died in the run before."""
    DONE = "done"
    FAILED = "failed"
    ABANDONED = "abandoned"
    """It took too long; nobody waits for it."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a run."""

    at: datetime
    outcome: Outcome
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """A task as it is stored."""

    name: str
    schedule: str
    due_at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    outcome: str
    detail: str
    missed: int
    overrun: int


def read_plans(conn: sqlite3.Connection) -> dict[str, Plan]:
    """What is planned, by task, as a watcher that starts finds it.

    A run that was not over when the watcher died is to be repeated, unless it was a repetition: a
    run that kills its watcher must not kill it for ever.
    """
    return {
        row["name"]: Plan(
            row["schedule"], _moment(row["due_at"]), repeat=row["outcome"] == Outcome.RUNNING
        )
        for row in conn.execute("SELECT name, schedule, due_at, outcome FROM task")
    }


def records(conn: sqlite3.Connection) -> tuple[TaskRecord, ...]:
    """Every task, by its name."""
    return tuple(
        TaskRecord(
            row["name"],
            row["schedule"],
            _moment(row["due_at"]),
            None if row["began_at"] is None else _moment(row["began_at"]),
            None if row["ended_at"] is None else _moment(row["ended_at"]),
            row["outcome"],
            row["detail"],
            row["missed"],
            row["overrun"],
        )
        for row in conn.execute("SELECT * FROM task ORDER BY name")
    )


def save_plan(conn: sqlite3.Connection, name: str, plan: Plan) -> None:
    """When a task is due next."""
    conn.execute(
        "INSERT INTO task (name, schedule, due_at) VALUES (?, ?, ?) ON CONFLICT (name)"
        " DO UPDATE SET schedule = excluded.schedule, due_at = excluded.due_at",
        (name, plan.schedule, plan.due_at.timestamp()),
    )


def save_beginning(
    conn: sqlite3.Connection, name: str, at: datetime, outcome: Outcome, missed: int
) -> None:
    """A run begins; `missed` were not made before it."""
    conn.execute(
        "UPDATE task SET began_at = ?, ended_at = NULL, outcome = ?, detail = '',"
        " missed = missed + ? WHERE name = ?",
        (at.timestamp(), outcome, missed, name),
    )


def save_overrun(conn: sqlite3.Connection, name: str) -> None:
    """A run was due and not begun, since the one before was not over."""
    conn.execute("UPDATE task SET overrun = overrun + 1 WHERE name = ?", (name,))


def save_ends(conn: sqlite3.Connection, ends: Mapping[str, Ended]) -> None:
    """The ends of runs, by task."""
    conn.executemany(
        "UPDATE task SET ended_at = ?, outcome = ?, detail = ? WHERE name = ?",
        [(end.at.timestamp(), end.outcome, end.detail, name) for name, end in ends.items()],
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
