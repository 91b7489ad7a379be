"""Runs, attempts, approvals and events as rows of ops.db."""

import json
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache

from pydantic import JsonValue

from bigbrother.operations.procedures.outcome import Happened, Outcome
from bigbrother.operations.procedures.procedure import PlannedStep
from bigbrother.operations.procedures.records import (
    Approval,
    Attempt,
    Run,
    RunEvent,
    RunState,
    StepState,
)


def add_event(
    conn: sqlite3.Connection,
    run_id: str,
    at: datetime,
    kind: str,
    data: Mapping[str, JsonValue],
) -> RunEvent:
    """Writes down what happened, in the transaction that makes it so."""
    text = json.dumps(dict(data))
    row = conn.execute(
        "INSERT INTO run_event (run_id, at, kind, data) VALUES (?, ?, ?, ?) RETURNING id",
        (run_id, at.timestamp(), kind, text),
    ).fetchone()
    return RunEvent(row["id"], run_id, at, kind, dict(data))


def run_of(row: sqlite3.Row) -> Run:
    """A row of `run`."""
    return Run(
        id=row["id"],
        procedure=row["procedure"],
        resource=row["resource"],
        arguments=json.loads(row["arguments"]),
        steps=_steps(row["steps"]),
        fingerprint=row["fingerprint"],
        state=RunState(row["state"]),
        reason=row["reason"],
        asked_by=row["asked_by"],
        alert_id=row["alert_id"],
        created_at=time_of(row["created_at"]),
        updated_at=time_of(row["updated_at"]),
        ended_at=_time_or_none(row["ended_at"]),
        error=row["error"],
        remedy=row["remedy"],
        cancel_asked=bool(row["cancel_asked"]),
        pause_asked=bool(row["pause_asked"]),
        automatic=bool(row["automatic"]),
        insisted=bool(row["insisted"]),
        held=row["held"],
        settled=row["settled"],
        other_fingerprint=row["other_fingerprint"],
        ending=RunState(row["ending"]) if row["ending"] else None,
    )


def attempt_of(row: sqlite3.Row) -> Attempt:
    """A row of `attempt`."""
    return Attempt(
        run_id=row["run_id"],
        number=row["number"],
        phase=row["phase"],
        attempt=row["attempt"],
        action=row["action"],
        state=StepState(row["state"]),
        began_at=time_of(row["began_at"]),
        ended_at=_time_or_none(row["ended_at"]),
        outcome=None if row["outcome"] is None else Outcome(**json.loads(row["outcome"])),
        error=row["error"],
        process_id=row["process_id"],
        process_started=row["process_started"],
        remedy=row["remedy"],
        again=bool(row["again"]),
        happened=None if row["happened"] is None else Happened(row["happened"]),
    )


def approval_of(row: sqlite3.Row) -> Approval:
    """A row of `approval`."""
    return Approval(
        run_id=row["run_id"],
        number=row["number"],
        asked_at=time_of(row["asked_at"]),
        until=time_of(row["until"]),
        decided_at=_time_or_none(row["decided_at"]),
        approved=None if row["approved"] is None else bool(row["approved"]),
        who=row["who"],
        why=row["why"],
    )


def event_of(row: sqlite3.Row) -> RunEvent:
    """A row of `run_event`."""
    return RunEvent(
        row["id"], row["run_id"], time_of(row["at"]), row["kind"], json.loads(row["data"])
    )


def outcome_json(outcome: Outcome) -> dict[str, JsonValue]:
    """An outcome for the journal, and for later steps."""
    return {"summary": outcome.summary, "data": dict(outcome.data), "skipped": outcome.skipped}


def time_of(epoch: float) -> datetime:
    """A time as it is stored."""
    return datetime.fromtimestamp(epoch, UTC)


@lru_cache(maxsize=256)
def _steps(text: str) -> tuple[PlannedStep, ...]:
    """Runs of one procedure have the same: they are read once."""
    return tuple(PlannedStep(**step) for step in json.loads(text))


def _time_or_none(epoch: float | None) -> datetime | None:
    return None if epoch is None else time_of(epoch)


def storable(text: str) -> str:
    """An error's text may hold bytes that are no UTF-8; they must not stop the writing."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
