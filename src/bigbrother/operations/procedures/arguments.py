"""Which of a run's arguments each step takes, and whether it can do with them."""

from collections.abc import Mapping

from pydantic import JsonValue, ValidationError

from bigbrother.operations.procedures.action import Action, Arguments
from bigbrother.operations.procedures.errors import ActionUnknown, ArgumentsRefused
from bigbrother.operations.procedures.procedure import PlannedStep, Procedure
from bigbrother.runbook.validation.mistake import nearest

Actions = Mapping[str, Action[Arguments]]


def check_arguments(
    procedure: Procedure, arguments: Mapping[str, JsonValue], actions: Actions
) -> None:
    """Raises ActionUnknown or ArgumentsRefused; otherwise every step can do with what it gets."""
    taken: dict[str, set[bool]] = {}
    for step in procedure.steps:
        for name in action_of(step, actions).arguments.model_fields:
            taken.setdefault(name, set()).add(name in step.arguments)
    for name in arguments:
        if name not in taken:
            remedy = nearest(name, taken) if taken else "It takes none: leave it out."
            raise ArgumentsRefused(f"No step of {procedure.name} takes '{name}'.", remedy=remedy)
        if taken[name] == {True}:
            raise ArgumentsRefused(
                f"The document binds '{name}' in {procedure.name}.", remedy="Leave it out."
            )
    for step in procedure.steps:
        _check(step, arguments_of(step, arguments, actions), actions)


def arguments_of(
    step: PlannedStep, arguments: Mapping[str, JsonValue], actions: Actions
) -> dict[str, JsonValue]:
    """What a step gets: those that its model names; what the document binds goes first."""
    fields = action_of(step, actions).arguments.model_fields
    given = {**arguments, **step.arguments}
    return {name: value for name, value in given.items() if name in fields}


def action_of(step: PlannedStep, actions: Actions) -> Action[Arguments]:
    """What stands behind a step's name; raises ActionUnknown."""
    action = actions.get(step.action)
    if action is None:
        raise ActionUnknown(
            f"This product cannot make the step '{step.action}'.",
            remedy=nearest(step.action, actions),
        )
    return action


def _check(step: PlannedStep, given: Mapping[str, JsonValue], actions: Actions) -> None:
    try:
        action_of(step, actions).arguments.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        if first["type"] == "missing":
            raise ArgumentsRefused(
                f"The step {step.action} needs '{name}'.", remedy=f"Give it: --arg {name}=..."
            ) from error
        raise ArgumentsRefused(
            f"The step {step.action} cannot take {name}={given.get(name)!r}: {first['msg']}.",
            remedy=f"Give another: --arg {name}=...",
        ) from error
