"""Step restart_service: acts where the manager has not healed the unit."""

from bigbrother.operations.procedures.action import Action, StepContext, UnitArguments
from bigbrother.operations.procedures.outcome import Happened, Outcome, StepFailed
from bigbrother.operations.service_recovery.answers import silence
from bigbrother.operations.service_recovery.ending import end_and_let_restart, stop_for_sure
from bigbrother.operations.service_recovery.looks import Look, Trouble, look, process_of
from bigbrother.operations.service_recovery.relaunch import relaunch
from bigbrother.operations.service_recovery.units import OPS
from bigbrother.operations.service_recovery.waiting import becomes
from bigbrother.ports.service_manager import ProcessIdentity

# The system tells a start to the hundredth of a second.
_SAME_START_SECONDS = 0.05


def _do(context: StepContext, arguments: UnitArguments) -> Outcome:
    unit = arguments.unit
    before = context.earlier.get("verify_status")
    if before is not None and before.data.get("healthy") is True:
        return _nothing_to_do(unit)
    found = look(context.services, unit)
    if found.healthy:
        return _nothing_to_do(unit)
    _refuse_what_no_restart_heals(found.troubles)
    restarted: list[str] = []
    for trouble in found.troubles:
        if trouble.kind == "manager":
            relaunch(context)
            units = [status.name for status in context.services.manager.status()]
            return Outcome(
                "The service manager and all units were brought back.",
                data={"unit": unit, "restarted": [*units]},
            )
        context.journal.say(f"{trouble.said} Restarting {trouble.unit}.")
        _restart(context, trouble.unit)
        restarted.append(trouble.unit)
        if trouble.unit != unit and not _answers(context, trouble.unit):
            raise StepFailed(
                f"{trouble.unit} was restarted, but {silence(context.services, trouble.unit)}.",
                remedy=f"See `bigbrother logs {trouble.unit}`.",
            )
    if unit not in restarted and not _comes_back(context, unit):
        context.journal.say(f"{unit} does not find its way back by itself. Restarting it.")
        _restart(context, unit)
        restarted.append(unit)
    return Outcome(
        f"Restarted {' and '.join(restarted)}.", data={"unit": unit, "restarted": [*restarted]}
    )


def _nothing_to_do(unit: str) -> Outcome:
    return Outcome(f"{unit} works: its manager has healed it. Nothing was restarted.", skipped=True)


def _refuse_what_no_restart_heals(troubles: tuple[Trouble, ...]) -> None:
    for trouble in troubles:
        if trouble.kind == "port-taken":
            raise StepFailed(
                f"{trouble.said} A restart cannot heal that; nothing was touched.",
                remedy="End that process, or choose another port: bigbrother down, then "
                "BIGBROTHER_PORT=… bigbrother up --detach.",
                again=False,
            )
        if trouble.kind == "database-elsewhere":
            raise StepFailed(
                f"{trouble.said} This installation does not run it; nothing was touched.",
                remedy="Bring that PostgreSQL server back, or set BIGBROTHER_DSN to one that "
                "answers.",
                again=False,
            )


def _restart(context: StepContext, unit: str) -> None:
    """Returns once another process of the unit runs. Raises StepFailed."""
    services = context.services
    before = process_of(services, unit)
    if unit == OPS and before is not None:
        end_and_let_restart(context, unit)
    else:
        stop_for_sure(context, unit)
        services.manager.start(unit)
    within = services.runbook.units[unit].start_within
    if not becomes(
        services.clock, within.value, lambda: _another(process_of(services, unit), before)
    ):
        raise StepFailed(
            f"{unit} was told to start, and has no process after {within}.",
            remedy=f"See `bigbrother status` and `bigbrother logs {unit}`.",
        )


def _another(now: ProcessIdentity | None, before: ProcessIdentity | None) -> bool:
    return now is not None and now != before


def _answers(context: StepContext, unit: str) -> bool:
    within = context.services.runbook.units[unit].start_within.value
    return becomes(context.services.clock, within, lambda: not silence(context.services, unit))


def _comes_back(context: StepContext, unit: str) -> bool:
    """Whether it works once what it needs is there again, within its grace."""
    within = context.services.runbook.units[unit].grace.value
    return becomes(context.services.clock, within, lambda: look(context.services, unit).healthy)


def _verify(context: StepContext, _arguments: UnitArguments) -> Happened:
    """Whether every unit that was to be mended runs in another process than before."""
    before = context.earlier.get("verify_status")
    if before is None or before.data.get("healthy") is not False:
        return Happened.NO
    started = before.data.get("processes")
    mend = before.data.get("mend")
    if not isinstance(started, dict) or not isinstance(mend, list):
        return Happened.UNKNOWN
    for unit in map(str, mend):
        now, then = process_of(context.services, unit), started.get(unit)
        if now is None:
            return Happened.NO
        apart = None if not isinstance(then, int | float) else now.started_at.timestamp() - then
        if apart is not None and abs(apart) < _SAME_START_SECONDS:
            return Happened.NO
    return Happened.YES


def _plan(context: StepContext, arguments: UnitArguments) -> str:
    found: Look = look(context.services, arguments.unit)
    if found.healthy:
        return f"Nothing: {arguments.unit} works."
    steps = [f"{trouble.said} {_would(trouble)}" for trouble in found.troubles]
    return " ".join(steps)


def _would(trouble: Trouble) -> str:
    if trouble.kind == "manager":
        return "Bring it back with all units: bigbrother up --detach."
    if trouble.kind in ("port-taken", "database-elsewhere"):
        return "Refuse: no restart heals that."
    return f"Restart {trouble.unit}."


ACTION = Action(
    name="restart_service",
    arguments=UnitArguments,
    do=_do,
    plan=_plan,
    idempotent=True,
    verify=_verify,
)
