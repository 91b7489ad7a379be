"""How long service recovery is patient."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from bigbrother.operations.procedures.outcome import StepFailed
from bigbrother.operations.service_recovery import waiting
from bigbrother.operations.service_recovery.ending import stop_for_sure
from bigbrother.ports.service_manager import ProcessIdentity, UnitState
from bigbrother.runbook.model import Runbook
from tests.fakes.clock import FakeClock
from tests.unit.operations.service_recovery.place import FACE, OPS, Place, Told
from tests.unit.runbook.probe import Probe


class TimesTold(Told):
    """Implements `Journal`; notes when something was said."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock

    def say(self, text: str) -> None:
        self.lines.append(f"{self._clock.seconds:.3f}: {text.rsplit(maxsplit=1)[-1]}")


@contextmanager
def here(runbook: Runbook) -> Iterator[Place]:
    """An installation of fakes on which whoever waits moves the clock."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        place = Place(Path(folder), runbook=runbook)
        place.told = TimesTold(place.clock)

        def wait(seconds: float) -> None:
            place.wait(seconds)
            # A killed process needs an instant of the machine's own time to be gone.
            time.sleep(0.001)

        patch.setattr(waiting, "sleep", wait)
        yield place


def kill_of_one_that_stays(runbook: Runbook) -> object:
    """When a unit is killed whose manager does not get it to end."""
    with here(runbook) as place:
        stubborn = subprocess.Popen((sys.executable, "-c", "import time; time.sleep(600)"))
        try:
            began = datetime.fromtimestamp(psutil.Process(stubborn.pid).create_time(), UTC)
            place.manager.alive[FACE] = ProcessIdentity(FACE, stubborn.pid, began)
            stop_for_sure(place.context(), FACE)
            return place.told.lines
        finally:
            stubborn.kill()
            stubborn.wait()


def patience_with_health(runbook: Runbook) -> object:
    """How long a unit that does not answer is waited for."""
    with here(runbook) as place:
        place.face.down = True
        with pytest.raises(StepFailed):
            place.do("verify_health")
        return place.clock.seconds


def grace_of_a_healing_manager(runbook: Runbook) -> object:
    """How long verify_status waits for a unit that is being restarted."""
    with here(runbook) as place:
        place.dies(OPS, UnitState.RESTARTING)
        place.do("verify_status", OPS)
        return place.clock.seconds


RECOVERY = (
    Probe(("procedures.patience",), kill_of_one_that_stays),
    Probe(("procedures.steps.verify_health.within",), patience_with_health),
    Probe(("units.bigbrother-ops.grace",), grace_of_a_healing_manager),
)
