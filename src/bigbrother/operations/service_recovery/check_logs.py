"""Step check_logs: the last errors of the unit, summed up by cause."""

from bigbrother.operations.checks.log_summary.records import ErrorGroup, Weight
from bigbrother.operations.checks.log_summary.summary import of_unit
from bigbrother.operations.procedures.action import Action, StepContext, UnitArguments
from bigbrother.operations.procedures.outcome import Outcome
from bigbrother.operations.service_recovery.units import status_of


def _do(context: StepContext, arguments: UnitArguments) -> Outcome:
    services = context.services
    status_of(services, arguments.unit)
    before = context.earlier.get("verify_status")
    mend = before.data.get("mend") if before is not None else None
    others = [str(unit) for unit in mend] if isinstance(mend, list) else []
    found: dict[str, tuple[ErrorGroup, ...]] = {}
    for unit in dict.fromkeys((*others, arguments.unit)):
        found[unit] = of_unit(services.manager, unit, services.runbook, services.clock.now())
        for group in found[unit]:
            context.journal.say(_line(unit, group))
    telling = [
        (unit, group)
        for unit, groups in found.items()
        for group in groups
        if group.weight is not Weight.PASSING
    ]
    return Outcome(
        _summary(telling, str(services.runbook.diagnostics.logs.within)),
        data={
            "causes": [{"unit": unit, **group.as_json()} for unit, group in telling],
        },
    )


def _line(unit: str, group: ErrorGroup) -> str:
    at = "" if group.newest_at is None else f", last at {group.newest_at:%H:%M:%S} UTC"
    remedy = f" {group.remedy}" if group.remedy else ""
    return f"{unit}: {group.count} × {group.title}{at}: {group.sample}{remedy}"


def _summary(telling: list[tuple[str, ErrorGroup]], span: str) -> str:
    if not telling:
        return f"No errors in the logs of the last {span}."
    told = [f"{unit}: {group.count} × {group.title.rstrip('.')}" for unit, group in telling]
    return "; ".join(told) + "."


def _plan(_context: StepContext, arguments: UnitArguments) -> str:
    return f"Read the last lines of {arguments.unit}'s log and sum up its errors by cause."


ACTION = Action(
    name="check_logs",
    arguments=UnitArguments,
    do=_do,
    plan=_plan,
    idempotent=True,
    changes=False,
)
