"""Puts back damaged files of the model pack from the pack that came with the product."""

from bigbrother.models.restoring import damaged_files, restore_files
from bigbrother.models.store import PackStore
from bigbrother.operations.procedures.action import Action, Arguments, StepContext
from bigbrother.operations.procedures.outcome import Happened, Outcome


def _do(context: StepContext, _: Arguments) -> Outcome:
    settings = context.services.settings
    restored = restore_files(PackStore(settings.models), settings.pack)
    if not restored:
        return Outcome("Every file of the model pack is as its manifest says.", skipped=True)
    for path in restored:
        context.journal.say(f"{path} was put back.")
    PackStore(settings.models).verify(settings.pack)
    return Outcome(
        f"Put back of the model pack: {len(restored)} of its files.",
        {"files": [str(path) for path in restored]},
    )


def _plan(context: StepContext, _: Arguments) -> str:
    settings = context.services.settings
    damaged = damaged_files(PackStore(settings.models), settings.pack)
    if not damaged:
        return "Nothing would be done: every file of the model pack is as its manifest says."
    said = [
        f"{each.path} would be put back from {each.twin}."
        if each.twin is not None
        else f"{each.path} is damaged, and nothing on this machine has the right bytes."
        for each in damaged
    ]
    return " ".join(said)


def _verify(context: StepContext, _: Arguments) -> Happened:
    settings = context.services.settings
    damaged = damaged_files(PackStore(settings.models), settings.pack)
    return Happened.NO if damaged else Happened.YES


RESTORE_MODEL_FILES = Action(
    "restore_model_files", Arguments, do=_do, plan=_plan, verify=_verify, idempotent=True
)
