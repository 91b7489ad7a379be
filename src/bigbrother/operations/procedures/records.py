"""Runs and their steps as they are kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import JsonValue

from bigbrother.operations.procedures.outcome import Happened, Outcome
from bigbrother.operations.procedures.procedure import PlannedStep

Phase = Literal["do", "undo"]
Held = Literal["", "changed", "unknown", "broken"]
"""Why a run is held: its procedure changed; nobody knows whether a step happened; the engine
itself broke."""
Settled = Literal["", "go-on", "done", "again"]
"""What a person said about it."""


class RunState(StrEnum):
    """The life of a run."""

    QUEUED = "queued"
    """Nobody drives it yet; others on its resource go first."""
    RUNNING = "running"
    WAITING = "waiting"
    """For somebody's approval."""
    PAUSED = "paused"
    HELD = "held"
    """A person must look: the procedure changed meanwhile, or nobody knows whether a step that
    must not happen twice happened."""
    UNDOING = "undoing"
    SUCCEEDED = "succeeded"
    UNDONE = "undone"
    """A step failed, and what was done before it was taken back."""
    FAILED = "failed"
    """A step failed, and nothing could or had to be taken back; or taking back failed too."""
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    """Somebody said no, or nobody said yes in time."""
    REFUSED = "refused"
    """A guard stood against it; nothing was touched."""


ENDED = frozenset(
    {
        RunState.SUCCEEDED,
        RunState.UNDONE,
        RunState.FAILED,
        RunState.CANCELLED,
        RunState.REJECTED,
        RunState.REFUSED,
    }
)


class StepState(StrEnum):
    """The life of one attempt at a step."""

    RUNNING = "running"
    DONE = "done"
    SKIPPED = "skipped"
    """There was nothing to do."""
    VERIFIED = "verified"
    """It was interrupted, and had happened."""
    FAILED = "failed"
    TIMED_OUT = "timed-out"
    DIED = "died"
    """Its process ended without a word."""
    INTERRUPTED = "interrupted"
    """Whoever drove it ended, or somebody cancelled the run."""


DONE = frozenset({StepState.DONE, StepState.SKIPPED, StepState.VERIFIED})


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a procedure."""

    id: str
    procedure: str
    resource: str
    arguments: Mapping[str, JsonValue]
    steps: tuple[PlannedStep, ...]
    """As the procedure stood when the run began."""
    fingerprint: str
    state: RunState
    reason: str
    asked_by: str
    alert_id: str | None
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None
    error: str
    remedy: str
    cancel_asked: bool
    pause_asked: bool
    automatic: bool = False
    """Whether nobody in person asked for it."""
    insisted: bool = False
    """Whether it goes on in a freeze."""
    held: Held = ""
    settled: Settled = ""
    other_fingerprint: str = ""
    """Of the procedure as it was when the run was held for it."""
    ending: RunState | None = None
    """While it is taken back: the state in which that ends."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at one step."""

    run_id: str
    number: int
    """Of the step, from 0."""
    phase: Phase
    attempt: int
    """From 1."""
    action: str
    state: StepState
    began_at: datetime
    ended_at: datetime | None
    outcome: Outcome | None
    error: str
    process_id: int | None
    process_started: float | None
    """With the process id it names one process; both None where none could be begun."""
    remedy: str = ""
    again: bool = True
    """Whether another try can help."""
    happened: Happened | None = None
    """Of one that was cut off or failed: whether it had its effect; None while nobody has looked.
    """


@dataclass(frozen=True, slots=True)
class Approval:
    """What somebody was asked, and said, about one step."""

    run_id: str
    number: int
    asked_at: datetime
    until: datetime
    decided_at: datetime | None
    approved: bool | None
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class RunEvent:
    """Something that happened in a run, in order of `id`; what watchers of a run are told."""

    id: int
    run_id: str
    at: datetime
    kind: str
    """Such as `run.running`, `step.began`, `step.done`, `line`, `command`."""
    data: Mapping[str, JsonValue]
