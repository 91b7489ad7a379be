"""Whether a unit answers: each is asked in its own way, within a time."""

import http.client
import json
from dataclasses import dataclass

from bigbrother.operations.monitoring.units.line import Line, LineClosed, LineSilent
from bigbrother.operations.procedures.action import ActionServices
from bigbrother.operations.service_recovery.units import DATABASE, FACE, OPS, WORKER
from bigbrother.ports.face_service import FaceServiceUnreachable

_LARGEST_ANSWER_BYTES = 65536
# In the database's own words, since its clock may be another machine's.
_NEWEST_WORKER = (
    "SELECT concat_ws(' ', max(id), extract(epoch FROM max(last_heartbeat)))"
    " FROM queue.procrastinate_workers"
)


@dataclass(frozen=True, slots=True)
class WorkerSign:
    """The newest sign of life of any worker."""

    worker: int
    """Counted up with each worker that signs on."""
    beat_seconds: float
    """When, in epoch seconds of the database's clock."""


def silence(services: ActionServices, unit: str) -> str:
    """Why the unit cannot be said to answer, as a clause; empty when it answers well."""
    return {
        DATABASE: database_silence,
        FACE: _face_silence,
        WORKER: _worker_silence,
        OPS: watcher_silence,
    }[unit](services)


def database_silence(services: ActionServices) -> str:
    """Asks for SELECT 1 on a new connection."""
    try:
        value = ask_database(services, "SELECT 1")
    except (LineClosed, LineSilent) as error:
        return f"the database does not answer: {error}"
    return "" if value == b"1" else "the database answers SELECT 1 with something else"


def ask_database(services: ActionServices, statement: str) -> bytes | None:
    """The first value that it answers. Raises LineClosed, LineSilent."""
    within = services.runbook.watching.alive.within.value
    line = Line(services.dsn, services.clock, within)
    try:
        return line.ask(statement, within)
    finally:
        line.close()


def face_lives(services: ActionServices) -> bool:
    """Whether its process answers at all, whatever it lacks."""
    try:
        within = services.runbook.watching.alive.within.value
        answer = services.face.get("/livez", within, _LARGEST_ANSWER_BYTES)
    except FaceServiceUnreachable:
        return False
    return answer.status == http.client.OK


def newest_worker(services: ActionServices) -> WorkerSign | None:
    """None while no worker has signed on. Raises LineClosed, LineSilent."""
    told = (ask_database(services, _NEWEST_WORKER) or b"").decode("ascii", "replace").split()
    return None if len(told) != 2 else WorkerSign(int(told[0]), float(told[1]))


def watcher_silence(services: ActionServices) -> str:
    """Asks the watcher's own /readyz."""
    settings = services.settings
    within = services.runbook.watching.alive.within.value
    connection = http.client.HTTPConnection(settings.host, settings.watcher_port, timeout=within)
    try:
        connection.request("GET", "/readyz")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return f"/readyz does not answer: {error or type(error).__name__}"
    finally:
        connection.close()
    return "" if status == http.client.OK else f"/readyz answers with status {status}"


def _face_silence(services: ActionServices) -> str:
    """Asks /readyz, then /health, which infers."""
    runbook = services.runbook
    for path, within in (
        ("/readyz", runbook.watching.alive.within.value),
        ("/health", runbook.health.answer_within.value),
    ):
        try:
            answer = services.face.get(path, within, _LARGEST_ANSWER_BYTES)
        except FaceServiceUnreachable as error:
            return f"{path} does not answer: {error.detail.rstrip('.')}"
        if answer.status != http.client.OK:
            return f"{path} answers with status {answer.status}{_failed_checks(answer.body)}"
    return ""


def _failed_checks(body: bytes) -> str:
    """What the unit itself names as failed."""
    try:
        checks = json.loads(body)["checks"]
        failed = {
            name: str(check.get("detail") or "")
            for name, check in checks.items()
            if check["status"] != "passed"
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""
    told = [f"{name} ({why})" if why else name for name, why in failed.items()]
    return f"; it lacks: {', '.join(told)}" if told else ""


def _worker_silence(services: ActionServices) -> str:
    """Looks how old the newest heartbeat is."""
    dead_after = services.runbook.batch.worker_dead_after
    try:
        sign = newest_worker(services)
    except (LineClosed, LineSilent) as error:
        return f"its heartbeat cannot be read: {error}"
    if sign is None:
        return "no worker has signed on"
    age_seconds = services.clock.now().timestamp() - sign.beat_seconds
    if age_seconds > dead_after.value:
        return f"the newest heartbeat is {age_seconds:.0f} s old"
    return ""
