"""What a procedure would do now: asks each of its steps, in processes that change nothing."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pydantic import JsonValue

from bigbrother.kernel.errors import BigBrotherError
from bigbrother.operations.procedures.arguments import Actions, action_of, arguments_of
from bigbrother.operations.procedures.procedure import PlannedStep, Procedure
from bigbrother.ports.step_runner import StepEnd, StepRunner, StepWork

_RUN_ID = "dry-run"


@dataclass(frozen=True, slots=True)
class StepPlan:
    """What one step would do."""

    step: str
    arguments: Mapping[str, JsonValue]
    changes: bool
    approval: bool
    plan: str
    """Empty where it could not be told."""
    error: str = ""


def dry_run(
    procedure: Procedure,
    arguments: Mapping[str, JsonValue],
    actions: Actions,
    runner: StepRunner,
    at_once: int,
) -> tuple[StepPlan, ...]:
    """The plans of all steps, in their order; `at_once` processes ask at a time.

    Raises ActionUnknown; the arguments were checked before.
    """

    def plan(step: PlannedStep) -> StepPlan:
        given = arguments_of(step, arguments, actions)
        changes = action_of(step, actions).changes
        end = _asked(step, given, runner)
        told = str(end.answer.get("plan", "")) if end.kind == "done" else ""
        error = "" if end.kind == "done" else f"{end.error} {end.remedy}".strip()
        return StepPlan(step.action, given, changes, step.approval, told, error)

    with ThreadPoolExecutor(at_once) as pool:
        return tuple(pool.map(plan, procedure.steps))


def _asked(step: PlannedStep, given: Mapping[str, JsonValue], runner: StepRunner) -> StepEnd:
    work = StepWork(_RUN_ID, step.action, "plan", given, {}, "", step.within_seconds)
    try:
        running = runner.begin(work)
    except BigBrotherError as error:
        return StepEnd("failed", error=error.detail, remedy=error.remedy)
    try:
        running.go()
        return running.end()
    except BaseException:
        running.kill()
        raise
