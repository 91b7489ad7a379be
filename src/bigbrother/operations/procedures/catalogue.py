"""Every procedure of the document, under the names that `bigbrother run` takes."""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import JsonValue

from bigbrother.operations.procedures.errors import ProcedureUnknown
from bigbrother.operations.procedures.procedure import PlannedStep, Procedure
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.sections.procedures import StepFigures
from bigbrother.runbook.validation.mistake import nearest
from bigbrother.runbook.validation.names import UNIT_ALIASES


def procedures(runbook: Runbook) -> Mapping[str, Procedure]:
    """By name: `service_recovery.face_analyzer`, `solutions.scale_resources`."""
    return {procedure.name: procedure for procedure in _all(runbook)}


def find(name: str, runbook: Runbook) -> Procedure:
    """By its name, or by the part after the dot where it is the only one; raises ProcedureUnknown.

    Spaces and underscores are the same: `scale resources` is `solutions.scale_resources`.
    """
    known = procedures(runbook)
    wanted = slug(name)
    if wanted in known:
        return known[wanted]
    unit = UNIT_ALIASES.get(wanted, wanted)
    short = [
        procedure
        for full, procedure in known.items()
        if full.partition(".")[2] in {wanted, unit} or procedure.about.get("unit") == unit
    ]
    if len(short) == 1:
        return short[0]
    # Most people write the part after the dot.
    spelled = set(known)
    if "." not in wanted:
        units = (procedure.about.get("unit", "") for procedure in known.values())
        spelled = {full.partition(".")[2] for full in known} | set(map(str, units)) - {""}
    raise ProcedureUnknown(f"There is no procedure '{name}'.", remedy=nearest(wanted, spelled))


def step_figures(runbook: Runbook, step: str) -> StepFigures:
    """The step's own figures, or those of a step without."""
    procedures = runbook.procedures
    return procedures.steps.get(step, procedures.default_step)


def slug(name: str) -> str:
    """A name of the document as one word."""
    return name.strip().replace(" ", "_")


def _all(runbook: Runbook) -> Iterator[Procedure]:
    for service, steps in runbook.service_recovery.items():
        unit = UNIT_ALIASES.get(service, service)
        yield Procedure(
            f"service_recovery.{service}",
            _planned(runbook, tuple(steps), {"unit": unit}),
            resource=f"unit:{unit}",
            about={"unit": unit},
        )
    for name, solution in runbook.solutions.items():
        yield Procedure(
            f"solutions.{slug(name)}",
            _planned(runbook, solution.steps, {}),
            resource="solutions",
        )
    for name, task in runbook.housekeeping.items():
        yield Procedure(
            f"housekeeping.{slug(name)}",
            _planned(runbook, task.steps, {}),
            resource="housekeeping",
        )


def _planned(
    runbook: Runbook, names: Sequence[str], arguments: Mapping[str, JsonValue]
) -> tuple[PlannedStep, ...]:
    steps = []
    for name in names:
        figures = step_figures(runbook, name)
        steps.append(
            PlannedStep(
                name,
                arguments,
                within_seconds=figures.within.value,
                attempts=figures.attempts,
                first_pause_seconds=figures.first_pause.value,
                approval=figures.approval,
            )
        )
    return tuple(steps)
