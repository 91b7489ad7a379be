"""What the runs of the checks found, kept in ops.db."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bigbrother.kernel.status import Status
from bigbrother.operations.checks.result import Result

DAILY = "daily"


@dataclass(frozen=True, slots=True)
class Found:
    """What a check found in an earlier run, as far as a trend needs it."""

    check: str
    target: str
    status: Status
    value: float | None
    figures: Mapping[str, float] = field(default_factory=dict)
    """As in a Result."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run."""

    at: datetime
    found: tuple[Found, ...]

    def of(self, check: str, target: str) -> Found | None:
        """What this run found of one thing."""
        return next((f for f in self.found if (f.check, f.target) == (check, target)), None)


def keep_run(conn: sqlite3.Connection, results: Sequence[Result], at: datetime) -> None:
    """Keeps a daily run; one of the same moment is replaced."""
    found = [result.as_json() for result in results]
    conn.execute("DELETE FROM check_run WHERE kind = ? AND at = ?", (DAILY, at.timestamp()))
    conn.execute(
        "INSERT INTO check_run (at, kind, results) VALUES (?, ?, ?)",
        (at.timestamp(), DAILY, json.dumps(found, ensure_ascii=False)),
    )


def last_runs(conn: sqlite3.Connection, most: int, until: datetime) -> tuple[Run, ...]:
    """The last daily runs until this moment, the oldest first; one that is damaged is left out."""
    rows = conn.execute(
        "SELECT at, results FROM check_run WHERE kind = ? AND at <= ? ORDER BY at DESC LIMIT ?",
        (DAILY, until.timestamp(), most),
    ).fetchall()
    runs = (_run(row) for row in reversed(rows))
    return tuple(run for run in runs if run is not None)


def drop_runs(conn: sqlite3.Connection, before: datetime) -> int:
    """Forgets runs older than this, but not the newest; how many."""
    return conn.execute(
        "DELETE FROM check_run WHERE at < ? AND at < (SELECT max(at) FROM check_run)",
        (before.timestamp(),),
    ).rowcount


def _run(row: sqlite3.Row) -> Run | None:
    try:
        found = tuple(
            Found(
                one["check"],
                one["target"],
                Status(one["status"]),
                one["value"],
                # Runs of earlier versions have none.
                dict(one.get("figures") or {}),
            )
            for one in json.loads(row["results"])
        )
    except (ValueError, KeyError, TypeError):
        return None
    return Run(datetime.fromtimestamp(row["at"], UTC), found)
