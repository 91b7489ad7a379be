"""Seconds from a kill -9 to right answers again, and units brought back by their procedure.

A face unit is killed while requests come at a steady pace; each is sent once, so that what a
caller without patience would see is counted. The database is killed likewise, until a request
that needs it is answered. Then three units that their manager cannot heal, since their processes
live: `bigbrother run` must bring each back. BENCH_SHORT=1 kills less often.
"""

import http.client
import json
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.installation import RunningInstallation, running_installation
from bench.report import Row
from bigbrother.adapters.clock import SystemClock
from bigbrother.adapters.face_service import HttpFaceService
from bigbrother.kernel.errors import BigBrotherError
from bigbrother.models.samples import reference_embedding, sample_photo
from bigbrother.models.store import PackStore
from bigbrother.ports.face_service import FaceService

_SHORT = bool(os.environ.get("BENCH_SHORT"))
_KILLS = 2 if _SHORT else 10
_FACE_TARGET_SECONDS = 3.0
_DATABASE_TARGET_SECONDS = 5.0
_PROCEDURE_TARGET_SECONDS = 20.0
_REQUESTS_A_SECOND = 20
_WITHIN_SECONDS = 60.0
_POLL_SECONDS = 0.02
_REST_SECONDS = 3.0
"""Between kills: a unit that died at once after its start is started later and later."""
_LEAST_SIMILARITY = 0.99
_FACE, _DATABASE, _WORKER = "bigbrother-face", "bigbrother-db", "bigbrother-worker"


@dataclass
class _Requests:
    """Requests at a steady pace, each sent once and never again."""

    service: FaceService
    photo: bytes
    ends: Counter[str] = field(default_factory=Counter)
    _over: threading.Event = field(default_factory=threading.Event)
    _sent: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> "_Requests":
        self._pace = threading.Thread(target=self._send)
        self._pace.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._pace.join()
        for thread in self._sent:
            thread.join()

    def _send(self) -> None:
        due = time.perf_counter()
        while not self._over.is_set():
            thread = threading.Thread(target=self._one)
            thread.start()
            self._sent.append(thread)
            due += 1 / _REQUESTS_A_SECOND
            self._over.wait(max(0.0, due - time.perf_counter()))

    def _one(self) -> None:
        try:
            self.service.embed(self.photo, _WITHIN_SECONDS)
        except BigBrotherError as error:
            self.ends[error.detail.rpartition(": ")[2].rstrip(".")] += 1
        else:
            self.ends["answered"] += 1


def measure() -> Iterator[Row]:
    """Kills, then what only a procedure heals."""
    with running_installation() as here:
        service = _service(here)
        with _Requests(service, sample_photo()) as requests:
            face = [_killed(here, _FACE, lambda: _infers(service)) for _ in range(_KILLS)]
        yield _healed("face unit killed: a right inference again", face, _FACE_TARGET_SECONDS)
        yield _counted(requests.ends)
        database = [_killed(here, _DATABASE, lambda: _lists(here)) for _ in range(_KILLS)]
        yield _healed(
            "database killed: an answer from it again", database, _DATABASE_TARGET_SECONDS
        )
        for what, unit, harm in (
            ("face unit hangs (SIGSTOP)", _FACE, _stop),
            ("worker hangs (SIGSTOP)", _WORKER, _stop),
            ("the database's socket is gone", _DATABASE, _remove_socket),
        ):
            harm(here, unit)
            yield _recovered(what, _run(here, unit))


def _killed(here: RunningInstallation, unit: str, right: Callable[[], bool]) -> float:
    """Seconds from the kill until the answer is right."""
    time.sleep(_REST_SECONDS)
    os.kill(_process_id(here, unit), signal.SIGKILL)
    began = time.perf_counter()
    while not right():
        if time.perf_counter() - began > _WITHIN_SECONDS:
            raise SystemExit(f"{unit} did not come back within {_WITHIN_SECONDS:g} s.")
        time.sleep(_POLL_SECONDS)
    return time.perf_counter() - began


def _service(here: RunningInstallation) -> FaceService:
    host, _, port = here.url.removeprefix("http://").partition(":")
    return HttpFaceService(host, int(port), SystemClock(), here.home / "etc" / "admin.token")


def _infers(service: FaceService) -> bool:
    manifest = PackStore(Path("/nonexistent")).manifest("sface")
    known = reference_embedding(manifest.name, manifest.version)
    if known is None:
        raise SystemExit("There is no reference for the shipped pack.")
    try:
        found = service.embed(sample_photo(), _WITHIN_SECONDS)
    except BigBrotherError:
        return False
    similarity = sum(a * b for a, b in zip(found, known, strict=True))
    return similarity >= _LEAST_SIMILARITY


def _lists(here: RunningInstallation) -> bool:
    """Whether a request is answered for which the database is asked."""
    connection = http.client.HTTPConnection(here.url.removeprefix("http://"), timeout=5)
    try:
        connection.request(
            "GET", "/v1/collections", headers={"Authorization": f"Bearer {here.token}"}
        )
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _stop(here: RunningInstallation, unit: str) -> None:
    os.kill(_process_id(here, unit), signal.SIGSTOP)


def _remove_socket(here: RunningInstallation, unit: str) -> None:
    folder = Path(_unit(here, unit)["place"])
    (folder / ".s.PGSQL.5432").unlink()


def _run(here: RunningInstallation, unit: str) -> float:
    began = time.perf_counter()
    _command(here, "run", f"service_recovery.{_procedure(unit)}", "--yes")
    return time.perf_counter() - began


def _procedure(unit: str) -> str:
    return "face_analyzer" if unit == _FACE else unit


def _process_id(here: RunningInstallation, unit: str) -> int:
    return int(_unit(here, unit)["process_id"])


def _unit(here: RunningInstallation, unit: str) -> dict[str, str]:
    units: list[dict[str, str]] = json.loads(_command(here, "status", "-o", "json"))["units"]
    return next(each for each in units if each["name"] == unit)


def _command(here: RunningInstallation, *arguments: str) -> str:
    done = subprocess.run(
        (str(Path(sys.executable).with_name("bigbrother")), *arguments),
        env=here.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    # `status` exits with 1 while a unit is on its way.
    if done.returncode != 0 and arguments[0] == "run":
        raise SystemExit(f"bigbrother {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def _healed(what: str, seconds: list[float], target_seconds: float) -> Row:
    median = statistics.median(seconds)
    return Row(
        what=f"{what}, median of {len(seconds)}",
        measured=f"{median:.2f} s",
        against=f"slowest {max(seconds):.2f} s",
        ratio="",
        target=f"<= {target_seconds:g} s",
        met=median <= target_seconds,
    )


def _counted(ends: Counter[str]) -> Row:
    sent, answered = ends.total(), ends["answered"]
    failures = ", ".join(f"{count} {how}" for how, count in ends.most_common() if how != "answered")
    return Row(
        what=f"of {sent} requests at {_REQUESTS_A_SECOND}/s, over {_KILLS} kills",
        measured=f"{sent - answered} failed",
        against=failures,
        ratio=f"{(sent - answered) / _KILLS:.1f} a kill",
        target="",
        met=None,
    )


def _recovered(what: str, seconds: float) -> Row:
    return Row(
        what=f"{what}: recovered by its procedure",
        measured=f"{seconds:.1f} s",
        against="",
        ratio="",
        target=f"<= {_PROCEDURE_TARGET_SECONDS:g} s",
        met=seconds <= _PROCEDURE_TARGET_SECONDS,
    )


if __name__ == "__main__":
    for row in measure():
        print(row)
