"""Whether every unit runs."""

from bigbrother.kernel.status import Status
from bigbrother.operations.checks.observed import Observed
from bigbrother.operations.checks.result import Result
from bigbrother.operations.checks.sentences import Sentence, sentence
from bigbrother.ports.face_service import FaceServiceUnreachable
from bigbrother.ports.service_manager import ServiceManagerUnavailable, UnitState, UnitStatus

NAME = "services_status"
MANAGER = "service-manager"
FACE = "bigbrother-face"
_OK = 200
_LARGEST_ANSWER_BYTES = 65536
_STATUS = {
    UnitState.RUNNING: Status.PASSED,
    UnitState.STARTING: Status.WARNING,
    # Its process lives, but nobody would start it again.
    UnitState.UNMANAGED: Status.WARNING,
}


def look(observed: Observed) -> tuple[Result, ...]:
    """The service manager, and each unit it knows; the face analyzer must answer besides."""
    green = observed.runbook.daily_checks.application.services_status
    try:
        running = observed.manager.is_running()
        units = observed.manager.status()
    except ServiceManagerUnavailable as error:
        return (_manager(green, sentence("It does not answer: {reason}", reason=error.detail)),)
    results = tuple(_unit(observed, unit, green) for unit in units)
    if running:
        passed = Result(
            NAME,
            Status.PASSED,
            threshold=green,
            target=MANAGER,
            evidence=(sentence("It answers."),),
        )
        return (passed, *results)
    return (_manager(green, sentence("It does not run.")), *results)


def _manager(green: str, seen: Sentence) -> Result:
    return Result(
        NAME,
        Status.FAILED,
        threshold=green,
        target=MANAGER,
        evidence=(seen,),
        remedy=sentence("Start everything: bigbrother up --detach."),
    )


def _unit(observed: Observed, unit: UnitStatus, green: str) -> Result:
    status = _STATUS.get(unit.state, Status.FAILED)
    evidence = [sentence("{unit} is {state}.", unit=unit.name, state=sentence(str(unit.state)))]
    if unit.reason:
        evidence.append(sentence("Its manager says: {reason}", reason=unit.reason))
    if unit.name == FACE and unit.state in (UnitState.RUNNING, UnitState.UNMANAGED):
        answers, seen = _answers(observed)
        evidence.append(seen)
        status = status if answers else Status.FAILED
    return Result(
        NAME,
        status,
        threshold=green,
        target=unit.name,
        evidence=tuple(evidence),
        remedy=""
        if status is Status.PASSED
        else sentence("See `bigbrother logs {unit}`.", unit=unit.name),
    )


def _answers(observed: Observed) -> tuple[bool, Sentence]:
    within = observed.runbook.watching.alive.within
    try:
        answer = observed.face.get("/readyz", within.value, _LARGEST_ANSWER_BYTES)
    except FaceServiceUnreachable as error:
        return False, sentence("It does not answer: {reason}", reason=error.detail)
    if answer.status == _OK:
        return True, sentence("It is ready to take requests.")
    return False, sentence("It is not ready: status {status}.", status=answer.status)
