"""Increase caching: the face unit keeps analyses of images that come again."""

from bigbrother.operations.procedures.action import Action, Arguments, StepContext
from bigbrother.operations.procedures.outcome import Outcome
from bigbrother.operations.troubleshooting.solutions import levers
from bigbrother.operations.troubleshooting.solutions.database_memory import memory_now
from bigbrother.operations.troubleshooting.solutions.measurement import as_data, told
from bigbrother.operations.troubleshooting.solutions.requests import ask_for_a_while, ask_once
from bigbrother.runbook.tuned import value_of

_FIGURE = "cached_images"


def caching(context: StepContext) -> Outcome:
    """How long an image takes that comes again and again."""
    # Once beforehand: it is about what comes again.
    ask_once(context.services)
    answered = ask_for_a_while(context.services, fresh=False, at_once=1)
    figures = {"repeated_seconds": answered.median_seconds}
    data = as_data(figures, **memory_now(context.services))
    return Outcome(f"{told(figures).capitalize()}.", data)


def _wanted(context: StepContext) -> tuple[int | None, str]:
    runbook = levers.document(context.services)
    now = value_of(_FIGURE, runbook)
    bounds = runbook.tuning.cached_images
    wanted = bounds.nearest(2 * now if now else runbook.tuning.first_cached_images)
    if wanted <= now:
        return None, f"{now} images are kept already, as many as the document allows."
    return wanted, f"Analyses of {now} images were kept."


def _grow(context: StepContext, _: Arguments) -> Outcome:
    wanted, why = _wanted(context)
    if wanted is None:
        return Outcome(why, skipped=True)
    data = levers.put_in_force(context, _FIGURE, wanted, why)
    return Outcome(f"Analyses of {wanted} images are kept, of {data['before']} before.", data)


def _plan(context: StepContext, _: Arguments) -> str:
    wanted, why = _wanted(context)
    return why if wanted is None else f"Would keep the analyses of {wanted} images. {why}"


GROW_RESULT_CACHE = Action(
    "grow_result_cache",
    Arguments,
    _grow,
    _plan,
    idempotent=True,
    verify=lambda context, _: levers.was_put(context, _FIGURE),
    undo=levers.take_out,
)
