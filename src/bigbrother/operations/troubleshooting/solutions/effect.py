"""The steps that measure, and the one that measures again and refuses what made things worse."""

from collections.abc import Callable, Mapping

from bigbrother.operations.procedures.action import Action, Arguments, StepContext
from bigbrother.operations.procedures.outcome import Outcome, StepFailed
from bigbrother.operations.troubleshooting.solutions.batch_size import batch_pace, batch_sizes
from bigbrother.operations.troubleshooting.solutions.caching import caching
from bigbrother.operations.troubleshooting.solutions.inference import inference
from bigbrother.operations.troubleshooting.solutions.measurement import (
    as_data,
    compared,
    given_up,
    measured,
    told,
)
from bigbrother.operations.troubleshooting.solutions.queries import query_times
from bigbrother.operations.troubleshooting.solutions.scaling import load

Measure = Callable[[StepContext], Outcome]

_BEFORE: Mapping[str, tuple[Measure, str]] = {
    "measure_load": (load, "Would send requests for a while and count the answers."),
    "measure_queries": (query_times, "Would time the service's queries."),
    "measure_caching": (caching, "Would send the same image again and again."),
    "measure_inference": (inference, "Would send images one after the other."),
    "measure_batch_sizes": (batch_sizes, "Would have batches worked through, in several chunks."),
}
_AFTER: Mapping[str, Measure] = {
    **{name: measure for name, (measure, _) in _BEFORE.items()},
    "measure_batch_sizes": batch_pace,
}
_QUEUES = frozenset({"measure_batch_sizes"})
"""They leave more than a look: a batch that is there for a moment."""


def _measuring(name: str, measure: Measure, plan: str) -> Action[Arguments]:
    return Action(
        name,
        Arguments,
        lambda context, _: measure(context),
        lambda _context, _: plan,
        idempotent=True,
        changes=name in _QUEUES,
    )


def _measure_again(context: StepContext, _: Arguments) -> Outcome:
    name = next((step for step in context.earlier if step in _AFTER), None)
    if name is None:
        raise StepFailed(
            "Nothing was measured before.",
            remedy=f"Begin the solution with one of {', '.join(_BEFORE)}.",
            again=False,
        )
    others = [outcome for step, outcome in context.earlier.items() if step != name]
    if others and all(outcome.skipped for outcome in others):
        return Outcome("Nothing was changed.", skipped=True)
    lost = frozenset[str]().union(*(given_up(outcome) for outcome in others))
    tuning = context.services.runbook.tuning
    for _tries in range(tuning.measure_attempts):
        figures = measured(_AFTER[name](context))
        found = list(compared(measured(context.earlier[name]), figures, lost, tuning))
        said = "; ".join(map(str, found))
        context.journal.say(said)
        worse = [each for each in found if each.worse]
        if not worse:
            break
    else:
        raise StepFailed(
            f"It got worse: {'; '.join(map(str, worse))}.",
            remedy="What was changed is put back. Try another of the solutions, or look closer: "
            "bigbrother diagnose.",
            again=False,
        )
    return Outcome(
        f"{said.capitalize()}." if said else f"{told(figures).capitalize()}.",
        as_data(
            figures,
            before={each.name: each.before for each in found},
            after={each.name: each.after for each in found},
        ),
    )


def _plan_again(_context: StepContext, _: Arguments) -> str:
    return "Would measure again, and take everything back if the figure got worse."


MEASURING: tuple[Action[Arguments], ...] = tuple(
    _measuring(name, measure, plan) for name, (measure, plan) in _BEFORE.items()
)
MEASURE_EFFECT = Action(
    "measure_effect",
    Arguments,
    _measure_again,
    _plan_again,
    idempotent=True,
)
