"""Units whose process lives, and does nothing: stopped, stuck in the kernel, or silent."""

from bigbrother.kernel.status import Status
from bigbrother.operations.checks.result import Result
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.operations.diagnostics.beside import beside_each_other
from bigbrother.operations.diagnostics.destinations import FACE, WATCHER
from bigbrother.operations.diagnostics.families import main_processes
from bigbrother.operations.diagnostics.scene import Scene
from bigbrother.ports.face_service import FaceService, FaceServiceUnreachable

NAME = "hung_units"
_STUCK = {"stopped", "tracing-stop", "zombie", "dead"}
_IN_KERNEL = "disk-sleep"
_LARGEST_ANSWER_BYTES = 65536


def look(scene: Scene) -> tuple[Result, ...]:
    """Every unit that has a process; one that has none is for `services_status` to tell."""
    units = main_processes(scene)
    if not units:
        nothing = sentence("No unit has a process.")
        return (Result(NAME, Status.SKIPPED, evidence=(nothing,)),)
    states = {each.process_id: each.state for each in scene.machine.processes(0)}
    return tuple(
        beside_each_other(
            lambda item: _unit(scene, item[0], item[1], states.get(item[1], "")), units.items()
        )
    )


def _unit(scene: Scene, unit: str, process_id: int, state: str) -> Result:
    if state in _STUCK:
        seen = sentence(
            "Its process {id} does not go on: the system calls it {state}.",
            id=str(process_id),
            state=state,
        )
        return _hung(unit, seen)
    asked: dict[str, FaceService] = {FACE: scene.face, WATCHER: scene.watcher}
    if unit not in asked:
        goes_on = sentence("Its process {id} goes on.", id=str(process_id))
        waits = sentence("It waits for a disk at this moment.")
        evidence = (goes_on, waits) if state == _IN_KERNEL else (goes_on,)
        return Result(NAME, Status.PASSED, target=unit, evidence=evidence)
    within = scene.runbook.watching.alive.within
    try:
        answer = asked[unit].get("/livez", within.value, _LARGEST_ANSWER_BYTES)
    except FaceServiceUnreachable as error:
        return _hung(unit, sentence("It does not answer: {reason}", reason=error.detail))
    return Result(
        NAME,
        Status.PASSED,
        answer.seconds,
        "seconds",
        target=unit,
        evidence=(sentence("It answered within {took}.", took=Figure(answer.seconds, "seconds")),),
    )


def _hung(unit: str, seen: str) -> Result:
    return Result(
        NAME,
        Status.FAILED,
        target=unit,
        evidence=(seen,),
        remedy=sentence("Bring it back: bigbrother run service_recovery.{unit}.", unit=unit),
    )
