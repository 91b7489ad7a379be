"""Step verify_health: the unit does its work again, which is tried, not asked."""

from collections.abc import Callable

from bigbrother.kernel.errors import BigBrotherError
from bigbrother.operations.checks.log_summary.records import ErrorGroup, Weight
from bigbrother.operations.checks.log_summary.summary import of_unit
from bigbrother.operations.monitoring.units.line import LineClosed, LineSilent
from bigbrother.operations.procedures.action import Action, StepContext, UnitArguments
from bigbrother.operations.procedures.catalogue import step_figures
from bigbrother.operations.procedures.outcome import Outcome, StepFailed
from bigbrother.operations.service_recovery.answers import (
    ask_database,
    database_silence,
    newest_worker,
    watcher_silence,
)
from bigbrother.operations.service_recovery.inference import WrongInference, infer
from bigbrother.operations.service_recovery.looks import process_of, stranger_on_port
from bigbrother.operations.service_recovery.units import (
    DATABASE,
    FACE,
    OPS,
    WORKER,
    port_of,
    status_of,
)
from bigbrother.operations.service_recovery.waiting import pause
from bigbrother.ports.service_manager import UnitState

# Of the step's time; the rest is left to say why it failed.
_SHARE_FOR_TRYING = 0.9
# A unit that was seen in so many processes does not come up.
_LIVES = 4


class NotYet(Exception):
    """The unit does not do its work now; the text is a clause."""


def _do(context: StepContext, arguments: UnitArguments) -> Outcome:
    services, unit = context.services, arguments.unit
    status_of(services, unit)
    began_at = services.clock.now()
    began = services.clock.monotonic_seconds()
    figures = step_figures(services.runbook, "verify_health")
    until = began + figures.within.value * _SHARE_FOR_TRYING
    trial = _trial(context, unit)
    lives: set[float] = set()
    while True:
        try:
            told = trial()
        except NotYet as error:
            why = str(error)
        else:
            seconds = services.clock.monotonic_seconds() - began
            return Outcome(f"{unit} works: {told}.", data={"unit": unit, "seconds": seconds})
        process = process_of(services, unit)
        if process is not None:
            lives.add(process.started_at.timestamp())
        final = _final(context, unit, lives)
        if final or services.clock.monotonic_seconds() >= until:
            causes = of_unit(services.manager, unit, services.runbook, services.clock.now())
            recent = [
                each for each in causes if each.newest_at is None or each.newest_at >= began_at
            ]
            raise _failed(unit, final or f"{unit} does not do its work: {why}.", recent or causes)
        pause()


def _trial(context: StepContext, unit: str) -> Callable[[], str]:
    return {
        FACE: _face,
        DATABASE: _database,
        WORKER: _worker,
        OPS: _watcher,
    }[unit](context)


def _face(context: StepContext) -> Callable[[], str]:
    def trial() -> str:
        try:
            similarity = infer(context.services)
        except WrongInference as error:
            raise NotYet(str(error)) from error
        except BigBrotherError as error:
            raise NotYet(error.detail.rstrip(".")) from error
        return f"an inference was right (similarity {similarity:.4f})"

    return trial


def _database(context: StepContext) -> Callable[[], str]:
    def trial() -> str:
        why = database_silence(context.services)
        if why:
            raise NotYet(why)
        try:
            found = ask_database(context.services, "SELECT to_regproc('public.verify_integrity')")
        except (LineClosed, LineSilent) as error:
            raise NotYet(str(error)) from error
        if not found:
            raise NotYet("the database answers, but its schema is not there")
        return "it answers SELECT 1, and its schema is there"

    return trial


def _worker(context: StepContext) -> Callable[[], str]:
    """A new worker has signed on; or, where none was started, the heartbeat goes on."""
    done = context.earlier.get("restart_service")
    status = context.earlier.get("verify_status")
    restarted = done.data.get("restarted") if done is not None else None
    known = status.data.get("worker") if status is not None else None
    anew = isinstance(restarted, list) and WORKER in restarted
    first: list[float] = []

    def trial() -> str:
        try:
            sign = newest_worker(context.services)
        except (LineClosed, LineSilent) as error:
            raise NotYet(f"its heartbeat cannot be read: {error}") from error
        if sign is None:
            raise NotYet("no worker has signed on")
        if anew and isinstance(known, int):
            if sign.worker <= known:
                raise NotYet("the worker that was started has not signed on")
            return "the worker that was started has signed on"
        if not first:
            first.append(sign.beat_seconds)
        if sign.beat_seconds <= first[0]:
            raise NotYet("it gives no fresh heartbeat")
        return "its heartbeat goes on"

    return trial


def _watcher(context: StepContext) -> Callable[[], str]:
    def trial() -> str:
        why = watcher_silence(context.services)
        if why:
            raise NotYet(why)
        return "/readyz says that it looks at everything"

    return trial


def _final(context: StepContext, unit: str, lives: set[float]) -> str:
    """Why there is no use in waiting; empty while there is."""
    services = context.services
    status, process = status_of(services, unit), process_of(services, unit)
    if not services.manager.is_running():
        return "The service manager does not run."
    if process is None:
        stranger = stranger_on_port(services, unit, process)
        if stranger is not None:
            return f"{services.settings.host}:{port_of(services, unit)} is taken by {stranger}."
    if status.state is UnitState.FAILED:
        reason = f": {status.reason}" if status.reason else ""
        return f"Its manager gave {unit} up{reason}."
    return f"{unit} ends again and again." if len(lives) >= _LIVES else ""


def _failed(unit: str, said: str, causes: list[ErrorGroup] | tuple[ErrorGroup, ...]) -> StepFailed:
    telling = [each for each in causes if each.weight is not Weight.PASSING]
    if not telling:
        return StepFailed(said, remedy=f"See `bigbrother logs {unit}`.")
    worst = telling[0]
    return StepFailed(
        f"{said} Its log says: {worst.sample}",
        remedy=str(worst.remedy) or f"See `bigbrother logs {unit}`.",
    )


def _plan(_context: StepContext, arguments: UnitArguments) -> str:
    return {
        FACE: "Have the sample photo analysed, and compare the face with what is known of it.",
        DATABASE: "Ask the database for SELECT 1, and whether its schema is there.",
        WORKER: "Wait for a fresh heartbeat of the worker.",
        OPS: "Ask the watcher's /readyz.",
    }[arguments.unit]


ACTION = Action(
    name="verify_health",
    arguments=UnitArguments,
    do=_do,
    plan=_plan,
    idempotent=True,
    changes=False,
)
