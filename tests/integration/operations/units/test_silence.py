"""Units that run and do not answer: a stopped face analyzer, a worker without a heartbeat."""

import os
import signal
import socket
from collections.abc import Callable, Iterator

import pytest

from bigbrother.adapters.supervisor.service_manager import SupervisorManager
from bigbrother.kernel.status import Status
from tests.integration.operations.units.conftest import (
    FACE,
    Watch,
    start,
    state,
)
from tests.integration.supervisor.conftest import unit
from tests.waiting import until

Make = Callable[..., SupervisorManager]
HEARD, SILENT = Status.PASSED, Status.FAILED
_ANSWERS = """
import http.server, socketserver
class Server(socketserver.TCPServer):
    allow_reuse_address = True
class Live(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
Server(('127.0.0.1', {port}), Live).serve_forever()
"""


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
        return number


@pytest.fixture
def stopped() -> Iterator[Callable[[int], None]]:
    """Stops processes; they go on after the test at the latest."""
    processes: list[int] = []

    def stop(process_id: int) -> None:
        processes.append(process_id)
        os.kill(process_id, signal.SIGSTOP)

    yield stop
    for each in processes:
        os.kill(each, signal.SIGCONT)


def process_of(manager: SupervisorManager, name: str) -> int:
    found = state(manager, name).process_id
    assert found is not None
    return found


def test_a_stopped_face_analyzer_is_silent_until_it_goes_on(
    manager_of: Make, watch: Watch, port: int, stopped: Callable[[int], None]
) -> None:
    manager = manager_of(unit(FACE, _ANSWERS.format(port=port)))
    manager.launch()
    start(manager, FACE)
    reported = watch(manager, port=port)
    reported.wait_for("unit_silent", FACE, HEARD)
    process_id = process_of(manager, FACE)
    stopped(process_id)
    silent = reported.wait_for("unit_silent", FACE, HEARD, SILENT)[-1]
    assert silent.grace_seconds == 5
    assert f"runs as process {process_id}, but it does not answer" in silent.summary
    os.kill(process_id, signal.SIGCONT)
    reported.wait_for("unit_silent", FACE, HEARD, SILENT, HEARD)
    assert reported.statuses("unit_down", FACE) == [Status.PASSED]


@pytest.mark.slow
def test_a_unit_that_is_down_is_not_called_silent_too_and_may_take_its_time_to_start(
    manager_of: Make, watch: Watch, port: int
) -> None:
    answers_late = f"import time; time.sleep(1.8)\n{_ANSWERS.format(port=port)}"
    manager = manager_of(unit(FACE, answers_late))
    manager.launch()
    start(manager, FACE)
    reported = watch(manager, port=port)
    reported.wait_for("unit_silent", FACE, HEARD)
    os.kill(process_of(manager, FACE), signal.SIGKILL)
    up, down = Status.PASSED, Status.FAILED
    reported.wait_for("unit_down", FACE, up, down, up)
    with socket.socket() as line:
        until(lambda: line.connect_ex(("127.0.0.1", port)) == 0)
    assert reported.statuses("unit_silent", FACE) == [HEARD]
