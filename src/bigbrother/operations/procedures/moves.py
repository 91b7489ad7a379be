"""What comes next in a run, decided from what is written down and from nothing else. Pure.

So a driver that takes a run over does what the one before would have done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bigbrother.operations.procedures.action import Action, Arguments
from bigbrother.operations.procedures.changed import difference, fingerprint_now, has_changed
from bigbrother.operations.procedures.outcome import Happened
from bigbrother.operations.procedures.procedure import PlannedStep, Procedure
from bigbrother.operations.procedures.records import (
    DONE,
    Approval,
    Attempt,
    Held,
    Phase,
    Run,
    RunState,
    StepState,
)


@dataclass(frozen=True, slots=True)
class CutOff:
    """This attempt goes on nowhere: make sure that its process is gone, and say so."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Verify:
    """Ask whether this attempt had its effect."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class CountAsDone:
    """A person has said that this attempt had its effect."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Make:
    """Make a step, or take one back, after a pause."""

    number: int
    phase: Phase
    attempt: int
    pause_seconds: float = 0
    failed_at: datetime | None = None
    """The pause counts from there."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask for approval of this step."""

    number: int


@dataclass(frozen=True, slots=True)
class Overdue:
    """Nobody has approved this step in time."""

    number: int


@dataclass(frozen=True, slots=True)
class Stay:
    """Nothing can be done before somebody says something."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Somebody has asked for it."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A person must look."""

    held: Held
    error: str
    remedy: str
    other_fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Take back what was done."""

    ending: RunState
    error: str
    remedy: str


@dataclass(frozen=True, slots=True)
class End:
    """It is over."""

    state: RunState
    error: str
    remedy: str


Move = CutOff | Verify | CountAsDone | Make | Ask | Overdue | Stay | Pause | Hold | TakeBack | End


@dataclass(frozen=True, slots=True)
class Position:
    """A run as it is written down, and what holds now."""

    run: Run
    attempts: Sequence[Attempt]
    approvals: Sequence[Approval]
    actions: Mapping[str, Action[Arguments]]
    procedure: Procedure | None
    """As the document stands now."""
    interruptions: int
    now: datetime

    def tries(self, number: int, phase: Phase) -> list[Attempt]:
        """The attempts at a step, in order."""
        return [each for each in self.attempts if (each.number, each.phase) == (number, phase)]

    def approval(self, number: int) -> Approval | None:
        """What was asked about a step."""
        return next((each for each in self.approvals if each.number == number), None)


def next_move(at: Position) -> Move:
    """What a run's driver does next."""
    run = at.run
    for attempt in at.attempts:
        if attempt.state is StepState.RUNNING:
            return CutOff(attempt)
    if run.state is RunState.UNDOING:
        return _take_back(at, run.ending or RunState.UNDONE)
    if run.cancel_asked:
        return TakeBack(RunState.CANCELLED, run.error, "")
    if run.state is RunState.HELD and not run.settled:
        return Stay()
    if has_changed(run, at.procedure):
        return _hold_changed(at)
    return _forward(at)


def _forward(at: Position) -> Move:
    run = at.run
    for number, step in enumerate(run.steps):
        tries = at.tries(number, "do")
        if not tries:
            return _first(at, number, step)
        if tries[-1].state not in DONE:
            return _further(at, step, tries)
    return End(RunState.SUCCEEDED, "", "")


def _first(at: Position, number: int, step: PlannedStep) -> Move:
    if at.run.pause_asked:
        return Pause()
    approval = at.approval(number) if step.approval else None
    if step.approval and approval is None:
        return Ask(number)
    if approval is not None and approval.decided_at is None:
        return Overdue(number) if at.now >= approval.until else Stay()
    if approval is not None and not approval.approved:
        return TakeBack(RunState.REJECTED, _rejection(step, approval), "")
    return Make(number, "do", 1)


def _further(at: Position, step: PlannedStep, tries: Sequence[Attempt]) -> Move:
    """After an attempt that was not the end of the step."""
    last = tries[-1]
    if at.run.settled == "done":
        return CountAsDone(last)
    if at.run.settled == "again":
        return Make(last.number, "do", last.attempt + 1)
    used = sum(each.state is not StepState.INTERRUPTED for each in tries)
    spent = not last.again or used >= step.attempts
    if last.state is StepState.FAILED and spent:
        return _failed(last)
    action = at.actions.get(step.action)
    idempotent = action is not None and action.idempotent
    if last.happened is None and not (last.state is StepState.FAILED and idempotent):
        return Verify(last)
    may_repeat = idempotent or last.happened is Happened.NO
    if last.state is StepState.INTERRUPTED:
        return _interrupted(at, tries, may_repeat)
    if spent or not may_repeat:
        return _failed(last, unsure=not may_repeat)
    return Make(
        last.number,
        "do",
        last.attempt + 1,
        step.first_pause_seconds * 2 ** (used - 1),
        last.ended_at,
    )


def _interrupted(at: Position, tries: Sequence[Attempt], may_repeat: bool) -> Move:
    last = tries[-1]
    remedy = (
        f"Look, then say so: bigbrother runs resume {at.run.id} --settle done|again; or take back "
        f"what was done: bigbrother runs cancel {at.run.id}."
    )
    if not may_repeat:
        return Hold(
            "unknown",
            f"{last.action} was cut off, and nobody knows whether it had its effect; doing it "
            "twice could do harm.",
            remedy,
        )
    count = sum(each.state is StepState.INTERRUPTED for each in tries)
    if count % at.interruptions == 0:
        return Hold("unknown", f"{last.action} was cut off {count} times.", remedy)
    return Make(last.number, "do", last.attempt + 1)


def _take_back(at: Position, ending: RunState) -> Move:
    run, taken, broken = at.run, 0, list[str]()
    for number in reversed(range(len(run.steps))):
        done, step = at.tries(number, "do"), run.steps[number]
        action = at.actions.get(step.action)
        if not done or done[-1].state is StepState.SKIPPED or action is None or action.undo is None:
            continue
        taken += 1
        tries = at.tries(number, "undo")
        if not tries:
            return Make(number, "undo", 1)
        last = tries[-1]
        if last.state in DONE:
            continue
        again = _undo_again(at, step, tries)
        if again is not None:
            return again
        broken.append(f"Taking back {step.action} failed: {last.error or last.state}")
    if broken:
        return End(RunState.FAILED, " ".join([run.error, *broken]).strip(), _by_hand(run))
    if ending is RunState.UNDONE and not taken:
        ending = RunState.FAILED
    return End(ending, run.error, run.remedy)


def _undo_again(at: Position, step: PlannedStep, tries: Sequence[Attempt]) -> Make | None:
    """The next try at taking a step back; None when there have been enough."""
    last = tries[-1]
    cut = sum(each.state is StepState.INTERRUPTED for each in tries)
    used = len(tries) - cut
    if last.state is StepState.INTERRUPTED:
        return Make(last.number, "undo", last.attempt + 1) if cut < at.interruptions else None
    if not last.again or used >= step.attempts:
        return None
    pause = step.first_pause_seconds * 2 ** (used - 1)
    return Make(last.number, "undo", last.attempt + 1, pause, last.ended_at)


def _failed(last: Attempt, *, unsure: bool = False) -> TakeBack:
    said = f"{last.action}: {last.error or last.state}"
    if unsure:
        said += " Nobody knows whether it had its effect; it is not tried again."
    return TakeBack(RunState.UNDONE, said, last.remedy)


def _hold_changed(at: Position) -> Hold:
    run = at.run
    return Hold(
        "changed",
        difference(run, at.procedure),
        f"Go on with the steps that it began with: bigbrother runs resume {run.id}; or take back "
        f"what was done: bigbrother runs cancel {run.id}.",
        fingerprint_now(at.procedure),
    )


def _rejection(step: PlannedStep, approval: Approval) -> str:
    if not approval.who:
        return f"Nobody approved {step.action} in time."
    why = f": {approval.why}" if approval.why else "."
    return f"{approval.who} rejected {step.action}{why}"


def _by_hand(run: Run) -> str:
    return f"Put it right by hand; see what was done: bigbrother runs show {run.id}."
