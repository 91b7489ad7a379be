"""Units that their manager cannot heal, brought back by the runbook's section 4.1."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from bigbrother.operations.procedures.action import StepContext, UnitArguments
from bigbrother.operations.procedures.outcome import Happened, Outcome, StepFailed
from bigbrother.operations.service_recovery import restart_service
from bigbrother.settings import load_settings
from bigbrother.wiring.actions import action_services
from tests.scenarios.place import Place
from tests.unit.operations.service_recovery.place import ACTIONS, Told
from tests.waiting import until

FACE, WORKER, DATABASE = "bigbrother-face", "bigbrother-worker", "bigbrother-db"


def process_id(place: Place, unit: str) -> int:
    return int(place.units()[unit]["process_id"])


def recover(place: Place, unit: str) -> dict[str, Outcome]:
    """The four steps in their order, in this process; the run's own process costs seconds."""
    earlier: dict[str, Outcome] = {}
    services = action_services(load_settings(place.env))
    began = services.clock.monotonic_seconds()
    for name, action in ACTIONS.items():
        context = StepContext(services, "run", Told(), dict(earlier), "a test")
        earlier[name] = action.do(context, UnitArguments(unit=unit))
        if name == "restart_service" and not earlier[name].skipped:
            assert restart_service.ACTION.verify is not None
            assert restart_service.ACTION.verify(context, UnitArguments(unit=unit)) is Happened.YES
    assert services.clock.monotonic_seconds() - began < 20
    return earlier


@contextmanager
def taken(port: int) -> Iterator[int]:
    """A stranger on this port, as soon as it is free; its process id."""
    code = (
        "import socket, time\n"
        "while True:\n"
        "    s = socket.socket()\n"
        "    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n"
        "    try:\n"
        f"        s.bind(('127.0.0.1', {port}))\n"
        "    except OSError:\n"
        "        time.sleep(0.001)\n"
        "        continue\n"
        "    s.listen()\n"
        "    print('taken', flush=True)\n"
        "    time.sleep(600)\n"
    )
    stranger = subprocess.Popen((sys.executable, "-c", code), stdout=subprocess.PIPE, text=True)
    try:
        yield stranger.pid
    finally:
        stranger.kill()
        stranger.communicate()


def test_a_face_unit_that_hangs_is_brought_back_by_one_command(installation: Place) -> None:
    hung = process_id(installation, FACE)
    os.kill(hung, signal.SIGSTOP)
    done = installation.cli("run", "face_analyzer", "--yes", "--output", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    run = json.loads(done.stdout)
    told = [attempt["summary"] for attempt in run["attempts"]]
    assert told[0] == f"Process {hung} of {FACE} is stopped: it lives and does nothing."
    assert told[2] == f"Restarted {FACE}."
    assert "an inference was right (similarity 1.0000)" in told[3]
    assert not psutil.pid_exists(hung)
    installation.client().health()


def test_a_worker_that_hangs_is_brought_back(installation: Place) -> None:
    hung = process_id(installation, WORKER)
    os.kill(hung, signal.SIGSTOP)
    done = recover(installation, WORKER)
    assert done["restart_service"].data["restarted"] == [WORKER]
    assert done["verify_health"].summary.endswith("the worker that was started has signed on.")


def test_a_database_whose_socket_was_removed_is_brought_back(installation: Place) -> None:
    (installation.runtime / "db" / ".s.PGSQL.5432").unlink()
    done = recover(installation, DATABASE)
    assert "No such file or directory" in done["verify_status"].summary
    assert done["restart_service"].data["restarted"] == [DATABASE]
    until(installation.healthy, 30)


@pytest.mark.slow
def test_a_face_unit_whose_port_a_stranger_took_is_told_of_and_not_restarted(
    installation: Place,
) -> None:
    try:
        with taken(installation.port) as stranger:
            os.kill(process_id(installation, FACE), signal.SIGKILL)
            until(lambda: is_taken_by(stranger, installation.port))
            with pytest.raises(StepFailed, match=f"taken by process {stranger} ") as failed:
                recover(installation, FACE)
            assert not failed.value.again
    finally:
        # Its manager pauses longer and longer between the starts.
        until(installation.healthy, 60)


@pytest.mark.slow
def test_a_manager_that_was_killed_is_brought_back_with_its_units(installation: Place) -> None:
    killed = installation.manager().pid
    os.kill(killed, signal.SIGKILL)
    done = installation.cli("run", "face_analyzer", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert installation.manager().pid != killed
    until(installation.healthy, 30)


def is_taken_by(process: int, port: int) -> bool:
    with socket.socket() as trial:
        if trial.connect_ex(("127.0.0.1", port)) != 0:
            return False
    return any(
        line.pid == process and line.status == psutil.CONN_LISTEN
        for line in psutil.net_connections(kind="tcp")
        if line.laddr and line.laddr[1] == port
    )
