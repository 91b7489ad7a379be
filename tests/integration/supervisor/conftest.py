"""A real supervisord in a folder whose name would break a naive configuration."""

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bigbrother.adapters.clock import SystemClock
from bigbrother.adapters.supervisor.service_manager import SupervisorManager
from bigbrother.ports.service_manager import UnitSpec

_STAYS = "import signal, time; print('ready', flush=True); time.sleep(600)"


def unit(name: str, program: str = _STAYS, *, folder: Path = Path("/")) -> UnitSpec:
    """A unit that runs a line of Python."""
    return UnitSpec(
        name=name,
        command=(sys.executable, "-I", "-c", program),
        folder=folder,
        start_within_seconds=20,
        stop_within_seconds=2,
        log_bytes=100_000,
        log_files=2,
    )


@pytest.fixture
def place() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="bb-"))
    odd = folder / "a ;b #c 100% 'ção'"
    odd.mkdir()
    yield odd
    shutil.rmtree(folder)


@pytest.fixture
def manager_of(place: Path) -> Iterator[Callable[..., SupervisorManager]]:
    """Makes managers of one and the same home; whatever runs at the end is stopped."""
    made: list[SupervisorManager] = []

    def make(*units: UnitSpec, environment: dict[str, str] | None = None) -> SupervisorManager:
        manager = SupervisorManager(
            folder=place.parent / "m",
            log=place,
            # Command lines are how units are told apart; these programs do not look at theirs.
            units=[
                replace(each, folder=place, command=(*each.command, each.name, str(place)))
                for each in units
            ],
            environment=environment or {"PATH": "/usr/bin:/bin"},
            clock=SystemClock(),
        )
        made.append(manager)
        return manager

    yield make
    for manager in reversed(made):
        manager.shut_down()
