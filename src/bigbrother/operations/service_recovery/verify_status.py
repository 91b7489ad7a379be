"""Step verify_status: is there anything to mend, and where?"""

from pydantic import JsonValue

from bigbrother.operations.checks.log_summary.summary import deaths
from bigbrother.operations.monitoring.units.line import LineClosed, LineSilent
from bigbrother.operations.procedures.action import Action, StepContext, UnitArguments
from bigbrother.operations.procedures.outcome import Outcome
from bigbrother.operations.service_recovery.answers import newest_worker
from bigbrother.operations.service_recovery.looks import Look, look, process_of
from bigbrother.operations.service_recovery.units import DATABASE, WORKER, managed, status_of
from bigbrother.operations.service_recovery.waiting import pause

# What one unanswered question tells, which may be a moment's.
_HEARSAY = ("silent", "database-elsewhere")


def _do(context: StepContext, arguments: UnitArguments) -> Outcome:
    services, unit = context.services, arguments.unit
    found = _settled(context, unit)
    runbook = services.runbook
    since = services.clock.now() - runbook.watching.heals_within.duration
    restarts = deaths(services.manager, unit, runbook, since)
    told = _told(found, restarts, str(runbook.watching.heals_within))
    context.journal.say(told)
    for trouble in found.troubles:
        context.journal.say(trouble.said)
    healthy = f"{unit} works; there is nothing to mend."
    return Outcome(
        healthy if found.healthy else " ".join(trouble.said for trouble in found.troubles),
        data={
            "unit": unit,
            "healthy": found.healthy,
            "trouble": found.troubles[0].kind if found.troubles else "",
            "said": [trouble.said for trouble in found.troubles],
            "mend": [trouble.unit for trouble in found.troubles],
            "state": str(found.status.state),
            "reason": found.status.reason,
            "since": None if found.status.since is None else found.status.since.isoformat(),
            "restarts": restarts,
            "manager_runs": found.manager_runs,
            "process_id": None if found.process is None else found.process.process_id,
            "processes": _processes(context, unit),
            "worker": _newest_worker(context, unit),
        },
    )


def _settled(context: StepContext, unit: str) -> Look:
    """The look that counts: what the manager is healing just now is given its grace.

    A silence counts once it was met as often in a row as the watchdog asks for.
    """
    services = context.services
    status_of(services, unit)
    runbook = services.runbook
    until = services.clock.monotonic_seconds() + runbook.units[unit].grace.value
    most, misses = int(runbook.watching.alive.misses), 0
    while True:
        found = look(services, unit)
        if found.healthy:
            return found
        misses += 1
        heals = any(trouble.passing for trouble in found.troubles)
        silent = all(trouble.kind in _HEARSAY for trouble in found.troubles)
        over = services.clock.monotonic_seconds() >= until
        if (over or not heals) and (misses >= most or not silent):
            return found
        pause()


def _told(found: Look, restarts: int, span: str) -> str:
    status = found.status
    since = "" if status.since is None else f" since {status.since:%Y-%m-%d %H:%M:%S} UTC"
    process = "" if found.process is None else f", process {found.process.process_id}"
    ends = "" if not restarts else f"; it ended by itself {restarts} times within {span}"
    reason = f"; its manager says: {status.reason.rstrip('.')}" if status.reason else ""
    return f"{status.name} is {status.state}{since}{process}{ends}{reason}."


def _processes(context: StepContext, unit: str) -> dict[str, JsonValue]:
    """Which processes run now, so that a later step can tell others from them."""
    found: dict[str, JsonValue] = {}
    units = {unit, DATABASE} if managed(context.services, DATABASE) else {unit}
    for name in units:
        process = process_of(context.services, name)
        found[name] = None if process is None else process.started_at.timestamp()
    return found


def _newest_worker(context: StepContext, unit: str) -> int | None:
    if unit != WORKER:
        return None
    try:
        sign = newest_worker(context.services)
    except (LineClosed, LineSilent):
        return None
    return None if sign is None else sign.worker


def _plan(_context: StepContext, arguments: UnitArguments) -> str:
    return f"Ask the service manager about {arguments.unit}, and the unit itself."


ACTION = Action(
    name="verify_status",
    arguments=UnitArguments,
    do=_do,
    plan=_plan,
    idempotent=True,
    changes=False,
)
