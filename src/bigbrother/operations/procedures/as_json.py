"""Runs for programs: the same on the command line and over HTTP."""

from collections.abc import Sequence
from datetime import datetime

from bigbrother.operations.procedures.records import Approval, Attempt, Run, RunEvent


def run_json(run: Run) -> dict[str, object]:
    """One run without what happened in it."""
    return {
        "id": run.id,
        "procedure": run.procedure,
        "resource": run.resource,
        "state": run.state,
        "arguments": dict(run.arguments),
        "steps": [step.action for step in run.steps],
        "reason": run.reason,
        "asked_by": run.asked_by,
        "alert_id": run.alert_id,
        "automatic": run.automatic,
        "created_at": _iso(run.created_at),
        "updated_at": _iso(run.updated_at),
        "ended_at": _iso(run.ended_at),
        "error": run.error,
        "remedy": run.remedy,
        "held": run.held,
        "cancel_asked": run.cancel_asked,
        "pause_asked": run.pause_asked,
    }


def whole_json(
    run: Run, attempts: Sequence[Attempt], approvals: Sequence[Approval]
) -> dict[str, object]:
    """One run with every attempt at its steps, and what was asked about them."""
    return run_json(run) | {
        "attempts": [attempt_json(attempt) for attempt in attempts],
        "approvals": [approval_json(approval) for approval in approvals],
    }


def attempt_json(attempt: Attempt) -> dict[str, object]:
    """One attempt at one step."""
    outcome = attempt.outcome
    return {
        "number": attempt.number,
        "phase": attempt.phase,
        "attempt": attempt.attempt,
        "step": attempt.action,
        "state": attempt.state,
        "began_at": _iso(attempt.began_at),
        "ended_at": _iso(attempt.ended_at),
        "seconds": seconds_between(attempt.began_at, attempt.ended_at),
        "summary": None if outcome is None else outcome.summary,
        "data": None if outcome is None else dict(outcome.data),
        "error": attempt.error,
        "remedy": attempt.remedy,
        "happened": attempt.happened,
    }


def approval_json(approval: Approval) -> dict[str, object]:
    """What somebody was asked about a step, and said."""
    return {
        "number": approval.number,
        "asked_at": _iso(approval.asked_at),
        "until": _iso(approval.until),
        "decided_at": _iso(approval.decided_at),
        "approved": approval.approved,
        "who": approval.who,
        "why": approval.why,
    }


def event_json(event: RunEvent) -> dict[str, object]:
    """Something that happened in a run."""
    return {
        "id": event.id,
        "run_id": event.run_id,
        "at": _iso(event.at),
        "kind": event.kind,
        "data": dict(event.data),
    }


def seconds_between(began_at: datetime, ended_at: datetime | None) -> float | None:
    """How long it took; None while it goes on."""
    return None if ended_at is None else round((ended_at - began_at).total_seconds(), 3)


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
