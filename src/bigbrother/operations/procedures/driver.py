"""Drives one run that was claimed: decides the next move, makes it, writes it down, again."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bigbrother.kernel.clock import Clock
from bigbrother.kernel.errors import BigBrotherError, NotFound
from bigbrother.operations.procedures.arguments import Actions, arguments_of
from bigbrother.operations.procedures.catalogue import procedures
from bigbrother.operations.procedures.errors import DriverStopped, OwnershipLost
from bigbrother.operations.procedures.guards import frozen
from bigbrother.operations.procedures.journal import Ended, Place, RunChange, RunJournal
from bigbrother.operations.procedures.moves import (
    Ask,
    CountAsDone,
    CutOff,
    End,
    Hold,
    Make,
    Move,
    Overdue,
    Pause,
    Position,
    Stay,
    TakeBack,
    Verify,
    next_move,
)
from bigbrother.operations.procedures.outcome import Happened, Outcome
from bigbrother.operations.procedures.output import Kept
from bigbrother.operations.procedures.procedure import Procedure
from bigbrother.operations.procedures.records import DONE, Attempt, Run, RunState, StepState
from bigbrother.operations.procedures.stepping import (
    StepOver,
    Watch,
    ended_in_any_case,
    follow,
)
from bigbrother.operations.procedures.table import outcome_json
from bigbrother.operations.store.store import is_busy
from bigbrother.ports.step_runner import (
    RunningStep,
    StepEnd,
    StepLine,
    StepPhase,
    StepRunner,
    StepWork,
)
from bigbrother.runbook.model import Runbook

_log = logging.getLogger(__name__)
_STATES = {
    "failed": StepState.FAILED,
    "timed-out": StepState.TIMED_OUT,
    "died": StepState.DIED,
}
_NOT_WRITTEN = Ended(
    StepState.FAILED,
    error="The watcher's disk is full: after a crash nobody would know that it was begun, and it "
    "must not happen twice.",
    remedy="Make room: bigbrother check disk_space shows where.",
    again=False,
)


@dataclass(frozen=True, slots=True)
class Means:
    """What every run is driven with."""

    runner: StepRunner
    actions: Actions
    runbook: Callable[[], Runbook]
    clock: Clock


class Driver:
    """One run, until it ends, waits for somebody, or this process must stop."""

    def __init__(self, journal: RunJournal, means: Means, watch: Watch) -> None:
        self._journal = journal
        self._means = means
        self._watch = watch
        self._run: Run
        self._attempts: Sequence[Attempt]
        self._known: tuple[Runbook, Procedure | None] | None = None

    def drive(self) -> None:
        """Returns once the run is nobody's; raises OwnershipLost or DriverStopped when it is not.

        Whatever else breaks here holds the run for a person.
        """
        try:
            if self._refused():
                return
            while self._make(self._next()):
                self._watch.check_stopping()
        except DriverStopped:
            self._journal.flush()
            raise
        except OwnershipLost:
            raise
        except Exception as error:  # a person is told, the others go on
            if is_busy(error):
                # Somebody copies or vacuums the file: that is nothing for a person.
                raise DriverStopped(f"The watcher's file is locked: {error}.") from error
            _log.exception("a run cannot be driven", extra={"run": self._journal.run_id})
            self._journal.rests(
                RunChange(
                    RunState.HELD,
                    f"It cannot be driven: {_sentence(error)}",
                    "See the log of bigbrother-ops; then bigbrother runs resume "
                    f"{self._journal.run_id}.",
                    held="broken",
                )
            )

    def _next(self) -> Move:
        run, attempts, approvals = self._journal.written()
        self._run, self._attempts = run, attempts
        runbook = self._means.runbook()
        return next_move(
            Position(
                run,
                attempts,
                approvals,
                self._means.actions,
                self._procedure(run.procedure, runbook),
                runbook.procedures.interruptions,
                self._means.clock.now(),
            )
        )

    def _procedure(self, name: str, runbook: Runbook) -> Procedure | None:
        """As the document stands now, which changes seldom."""
        if self._known is None or self._known[0] is not runbook:
            self._known = (runbook, procedures(runbook).get(name))
        return self._known[1]

    def _make(self, move: Move) -> bool:
        """Makes it; whether there may be another."""
        if isinstance(move, Verify | CutOff) or (isinstance(move, Make) and move.failed_at):
            # It may take its time.
            self._journal.flush()
        match move:
            case Make() | Verify() | CutOff() | CountAsDone():
                self._step(move)
            case TakeBack():
                self._journal.becomes(
                    RunChange(RunState.UNDOING, move.error, move.remedy, ending=move.ending)
                )
            case Overdue():
                self._journal.overdue(move.number, self._action(move.number))
            case _:
                self._rest(move)
                return False
        return True

    def _step(self, move: Make | Verify | CutOff | CountAsDone) -> None:
        match move:
            case Make():
                self._make_step(move)
            case Verify():
                self._verify(move.attempt)
            case CutOff():
                self._cut_off(move.attempt)
            case CountAsDone():
                self._journal.verified(
                    _place(move.attempt), "Somebody looked and says that it happened."
                )

    def _rest(self, move: Ask | Stay | Pause | Hold | End) -> None:
        match move:
            case Ask():
                within = self._means.runbook().procedures.approval_within.duration
                self._journal.asks(move.number, self._action(move.number), within)
            case Stay():
                self._journal.free()
            case Pause():
                self._journal.rests(RunChange(RunState.PAUSED))
            case Hold():
                self._journal.rests(
                    RunChange(
                        RunState.HELD, move.error, move.remedy, move.held, move.other_fingerprint
                    )
                )
            case End():
                self._journal.rests(RunChange(move.state, move.error, move.remedy))

    def _refused(self) -> bool:
        """A freeze may have begun while the run waited its turn; nothing was touched yet."""
        run, _, _ = self._journal.written()
        means = self._means
        refusal = frozen(run, means.runbook(), means.actions, means.clock.now())
        if run.state is not RunState.QUEUED or refusal is None:
            return False
        self._journal.rests(RunChange(RunState.REFUSED, refusal.detail, refusal.remedy))
        return True

    def _make_step(self, move: Make) -> None:
        if move.failed_at is not None and not self._paused(move.failed_at, move.pause_seconds):
            return
        place = Place(move.number, move.phase, move.attempt, self._action(move.number))
        try:
            running = self._means.runner.begin(self._work(place, move.phase))
        except Exception as error:  # noqa: BLE001 - a step that cannot be begun has failed
            self._journal.step_begins(place, None, None)
            self._journal.step_ends(place, _not_begun(error), self._nothing(), ())
            return
        with ended_in_any_case(running):
            self._journal.step_begins(place, running.process_id, running.process_started)
            if move.phase == "do" and not (self._journal.durable or self._idempotent(place)):
                running.kill()
                running.end()
                self._journal.step_ends(place, _NOT_WRITTEN, self._nothing(), ())
                return
            over, kept = self._follow(running, place)
        self._journal.step_ends(place, _ended(over), kept, over.lines)

    def _paused(self, failed_at: datetime, pause_seconds: float) -> bool:
        """Whether the step may be tried again, after a pause that counts from its failure."""
        passed = (self._means.clock.now() - failed_at).total_seconds()
        # The wall clock may have been moved meanwhile.
        self._watch.wait(min(max(pause_seconds - passed, 0), pause_seconds))
        return not self._journal.cancel_asked()

    def _cut_off(self, attempt: Attempt) -> None:
        """Before anything else happens, nothing of the attempt may go on."""
        if attempt.process_id is not None and attempt.process_started is not None:
            self._means.runner.make_sure_gone(attempt.process_id, attempt.process_started)
        ended = Ended(StepState.INTERRUPTED, error="Whoever drove it ended.")
        self._journal.step_ends(_place(attempt), ended, self._nothing(), ())

    def _verify(self, attempt: Attempt) -> None:
        place = _place(attempt)
        action = self._means.actions.get(attempt.action)
        if action is None or action.verify is None:
            self._journal.settled(place, Happened.UNKNOWN)
            return
        try:
            running = self._means.runner.begin(self._work(place, "verify"))
        except Exception as error:  # noqa: BLE001 - then nobody knows
            self._journal.settled(place, Happened.UNKNOWN, _sentence(error))
            return
        with ended_in_any_case(running):
            over, kept = self._follow(running, place)
        if over.cancelled:
            return
        if over.lines:
            self._journal.said(place, kept, over.lines)
        happened = _happened(over.end)
        if happened is Happened.YES and attempt.state is not StepState.FAILED:
            self._journal.verified(place, "It was cut off, and had happened.")
        else:
            self._journal.settled(place, happened, over.end.error)

    def _follow(self, running: RunningStep, place: Place) -> tuple[StepOver, Kept]:
        kept = self._nothing()

        def said(lines: Sequence[StepLine]) -> None:
            nonlocal kept
            kept = self._journal.said(place, kept, lines)

        return follow(running, self._watch, said), kept

    def _work(self, place: Place, phase: StepPhase) -> StepWork:
        run = self._run
        step = run.steps[place.number]
        last = place.number + (phase == "undo")
        done = [
            each
            for each in self._attempts
            if each.phase == "do" and each.number < last and each.state in DONE
        ]
        return StepWork(
            run_id=run.id,
            action=step.action,
            phase=phase,
            arguments=arguments_of(step, run.arguments, self._means.actions),
            earlier={each.action: outcome_json(each.outcome) for each in done if each.outcome},
            reason=run.reason,
            within_seconds=step.within_seconds,
        )

    def _nothing(self) -> Kept:
        return Kept(int(self._means.runbook().procedures.output.value / 2))

    def _idempotent(self, place: Place) -> bool:
        action = self._means.actions.get(place.action)
        return action is not None and action.idempotent

    def _action(self, number: int) -> str:
        return self._run.steps[number].action


def _place(attempt: Attempt) -> Place:
    return Place(attempt.number, attempt.phase, attempt.attempt, attempt.action)


def _ended(over: StepOver) -> Ended:
    end = over.end
    if end.kind == "done":
        outcome = _outcome(end)
        return Ended(StepState.SKIPPED if outcome.skipped else StepState.DONE, outcome)
    if over.cancelled:
        return Ended(StepState.INTERRUPTED, error="Somebody cancelled the run.")
    return Ended(_STATES[end.kind], None, end.error, end.remedy, end.again)


def _not_begun(error: Exception) -> Ended:
    again = not isinstance(error, NotFound)
    remedy = error.remedy if isinstance(error, BigBrotherError) else ""
    return Ended(StepState.FAILED, None, _sentence(error), remedy, again)


def _outcome(end: StepEnd) -> Outcome:
    answer = end.answer
    data = answer.get("data")
    return Outcome(
        str(answer.get("summary", "")),
        data if isinstance(data, dict) else {},
        bool(answer.get("skipped")),
    )


def _happened(end: StepEnd) -> Happened:
    known = {str(each): each for each in Happened}
    if end.kind != "done":
        return Happened.UNKNOWN
    return known.get(str(end.answer.get("happened")), Happened.UNKNOWN)


def _sentence(error: Exception) -> str:
    if isinstance(error, BigBrotherError):
        return error.detail
    return f"{type(error).__name__}: {error}"
