"""Puts a tuned figure in force in the running units, and takes it out again."""

import time
from collections.abc import Mapping

from pydantic import JsonValue

from bigbrother.kernel.errors import Unavailable
from bigbrother.operations.checks.errors import MetricPageInvalid
from bigbrother.operations.checks.metric_page import MetricPage
from bigbrother.operations.checks.scrapes import read_metrics
from bigbrother.operations.procedures.action import ActionServices, Arguments, StepContext
from bigbrother.operations.procedures.outcome import Happened, Outcome
from bigbrother.runbook.load import read_document
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.publishing import publish_in_force
from bigbrother.runbook.tuned import FIGURES, value_of
from bigbrother.runbook.tuning_file import TunedFile

_GAUGE = "bigbrother_tunable_figure"
_LOOK_SECONDS = 0.1
# A unit may have looked just before; whoever it looks for is begun at the look after.
_LOOKS = 3


def tuned_file(services: ActionServices) -> TunedFile:
    """The file of this home."""
    settings = services.settings
    return TunedFile(settings.tuned_runbook, settings.runbook_overlay)


def document(services: ActionServices) -> Runbook:
    """The document as the tuned figures make it now; raises InvalidRunbook."""
    settings = services.settings
    return read_document(settings.runbook_overlay, settings.tuned_runbook).runbook


def put_in_force(context: StepContext, name: str, value: int, why: str) -> dict[str, JsonValue]:
    """Writes a figure down, publishes it, and waits until the units go by it.

    Raises FigureOutOfBounds, InvalidRunbook. The data tell the figure, before and after.
    """
    services = context.services
    before = value_of(name, document(services))
    tuned_file(services).tune(
        name, value, run_id=context.run_id, reason=why, now=services.clock.now()
    )
    context.journal.say(f"{'.'.join(FIGURES[name])}: {before} -> {value}. {why}")
    publish_in_force(services.settings)
    _wait_for_units(context, {name: value})
    return {"figure": name, "before": before, "after": value}


def take_out(context: StepContext, _: Arguments) -> Outcome:
    """Puts back what this run found, in force again; `undo` of every step that tunes."""
    services = context.services
    names = tuned_file(services).undo(context.run_id, services.clock.now())
    publish_in_force(services.settings)
    if not names:
        return Outcome("This run has tuned nothing.", skipped=True)
    now = document(services)
    _wait_for_units(context, {name: value_of(name, now) for name in names})
    back = ", ".join(f"{'.'.join(FIGURES[name])} to {value_of(name, now)}" for name in names)
    return Outcome(f"Put back {back}.", {"figures": list(names)})


def was_put(context: StepContext, name: str) -> Happened:
    """Whether this run's figure stands in the file; it is published again to be sure."""
    mine = [
        each
        for each in tuned_file(context.services).figures()
        if each.name == name and each.run_id == context.run_id
    ]
    if not mine:
        return Happened.NO
    publish_in_force(context.services.settings)
    return Happened.YES


def followed(page: MetricPage, name: str) -> float | None:
    """By which figure the face unit goes; None where it does not tell."""
    found = (sample for sample in page.named(_GAUGE) if sample.label("figure") == name)
    return next((sample.value for sample in found), None)


def _wait_for_units(context: StepContext, figures: Mapping[str, int]) -> None:
    services = context.services
    looks_every = services.runbook.serving.document_every.value
    deadline = services.clock.monotonic_seconds() + _LOOKS * looks_every
    for name, value in figures.items():
        while not _is_followed(services, name, value):
            if services.clock.monotonic_seconds() >= deadline:
                context.journal.say(
                    f"The face analyzer does not go by {name} = {value} yet; it will once it "
                    "runs and follows the document."
                )
                return
            time.sleep(_LOOK_SECONDS)
    # Workers tell nobody by what they go, and look as often.
    time.sleep(max(0.0, deadline - services.clock.monotonic_seconds()))


def _is_followed(services: ActionServices, name: str, value: int) -> bool:
    try:
        return followed(read_metrics(services.face, services.runbook), name) == value
    except (Unavailable, MetricPageInvalid):
        return False
