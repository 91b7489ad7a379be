"""A unit's process goes, whatever state it is in; real processes, a manager of the tests' own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from bigbrother.operations.service_recovery import waiting
from bigbrother.operations.service_recovery.ending import end_and_let_restart, stop_for_sure
from bigbrother.operations.service_recovery.process import find, is_suspended
from bigbrother.ports.service_manager import ProcessIdentity
from tests.fakes.service_manager import FakeServiceManager
from tests.unit.operations.service_recovery.place import FACE, Place
from tests.waiting import until

DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
PARENT = DEAF + "import subprocess, sys; c = subprocess.Popen([sys.executable, '-c', 'import time; "
CHILD = PARENT + "time.sleep(600)']); print(c.pid, flush=True); time.sleep(600)"


class AskingManager(FakeServiceManager):
    """Asks the process to end and, unlike a real one, leaves it at that."""

    def stop(self, unit: str) -> None:
        os.kill(self.alive[unit].process_id, signal.SIGTERM)


@dataclass
class Unit:
    """A process that stands for a unit."""

    process: subprocess.Popen[str]
    identity: ProcessIdentity
    child: int

    @property
    def ended_by(self) -> int:
        """The signal that ended it."""
        return -self.process.wait(10)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Patience is over at once."""
    made = Place(tmp_path, manager=AskingManager())

    def wait(seconds: float) -> None:
        made.wait(seconds)
        time.sleep(0.005)

    monkeypatch.setattr(waiting, "sleep", wait)
    return made


@pytest.fixture
def unit(request: pytest.FixtureRequest, place: Place) -> Iterator[Unit]:
    code: str = request.param
    process = subprocess.Popen((sys.executable, "-c", code), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    child = int(process.stdout.readline())
    began = datetime.fromtimestamp(psutil.Process(process.pid).create_time(), UTC)
    identity = ProcessIdentity(FACE, process.pid, began)
    place.manager.alive[FACE] = identity
    yield Unit(process, identity, child)
    process.kill()
    process.communicate()


SIMPLE = "import time; print(0, flush=True); time.sleep(600)"


@pytest.mark.parametrize("unit", [SIMPLE], indirect=True)
def test_one_that_was_stopped_goes_on_to_take_the_signal_to_end(place: Place, unit: Unit) -> None:
    os.kill(unit.identity.process_id, signal.SIGSTOP)
    until(lambda: is_suspended(unit.identity))
    stop_for_sure(place.context(), FACE)
    assert unit.ended_by == signal.SIGTERM
    assert place.told.lines == []


@pytest.mark.parametrize("unit", [CHILD], indirect=True)
def test_one_that_does_not_listen_is_killed_with_all_that_it_started(
    place: Place, unit: Unit
) -> None:
    stop_for_sure(place.context(), FACE)
    assert unit.ended_by == signal.SIGKILL
    until(lambda: not psutil.pid_exists(unit.child))
    assert f"Process {unit.identity.process_id} of {FACE} does not end" in place.told.lines[0]


@pytest.mark.parametrize("unit", [SIMPLE], indirect=True)
def test_the_unit_that_may_drive_the_step_is_killed_and_never_stopped(
    place: Place, unit: Unit
) -> None:
    end_and_let_restart(place.context(), FACE)
    assert unit.ended_by == signal.SIGKILL


@pytest.mark.parametrize("unit", [SIMPLE], indirect=True)
def test_another_process_with_the_number_is_not_the_unit(unit: Unit) -> None:
    earlier = datetime.fromtimestamp(unit.identity.started_at.timestamp() - 60, UTC)
    assert find(unit.identity) is not None
    assert find(ProcessIdentity(FACE, unit.identity.process_id, earlier)) is None
