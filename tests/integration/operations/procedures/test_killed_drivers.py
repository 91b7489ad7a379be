"""A process that drives runs is killed, at any instant: the next one ends every run right."""

import multiprocessing
import os
import random
import sys
from pathlib import Path

import pytest

from bigbrother.adapters.clock import SystemClock
from bigbrother.adapters.step_runner import ProcessStepRunner
from bigbrother.operations.procedures.catalogue import find
from bigbrother.operations.procedures.engine import Engine
from bigbrother.operations.procedures.guards import Ground
from bigbrother.operations.procedures.history import attempts, find_run, open_runs
from bigbrother.operations.procedures.records import RunState
from bigbrother.operations.procedures.start import Asking, start
from bigbrother.operations.store.store import Store
from bigbrother.runbook.model import Runbook
from tests.unit.operations.procedures.stage import ACTIONS, PLENTY_BYTES, document

_STEP = Path(__file__).with_name("bare_step.py")
_STEPS = {"good": ["look", "change", "repeat"], "bad": ["change", "repeat", "boom"]}
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload([__name__])


def runbook() -> Runbook:
    return document(steps=_STEPS, look_every="50ms")


def drive(folder: Path) -> None:
    """A watcher's life: until nothing is open any more."""
    figures = runbook()
    store = Store(folder / "ops.db")
    command = (sys.executable, "-I", "-S", str(_STEP), str(folder / "effects"))
    runner = ProcessStepRunner(command, {"PATH": os.environ["PATH"]})
    engine = Engine(store, runner, ACTIONS, lambda: figures, SystemClock(), folder)
    for run in store.read(open_runs):
        engine.drive(run.id)
    store.close()


def story(folder: Path, name: str, dice: random.Random) -> None:
    """One run, with drivers that are killed until one lives to its end."""
    folder.mkdir()
    store = Store(folder / "ops.db")
    ground = Ground(runbook(), ACTIONS, lambda: PLENTY_BYTES)
    asked = Asking("run-1", "ana", "A test.")
    start(store, find(name, ground.runbook), {}, asked, ground, SystemClock().now())
    deaths = 0
    while True:
        driver = _PROCESSES.Process(target=drive, args=(folder,))
        driver.start()
        driver.join(dice.uniform(0.05, 0.6) if deaths < 3 else 60)
        if driver.exitcode is not None:
            break
        driver.kill()
        driver.join()
        deaths += 1
    assert driver.exitcode == 0
    run, made = store.read(lambda conn: (find_run(conn, "run-1"), attempts(conn, "run-1")))
    store.close()
    effects = (folder / "effects").read_text().splitlines()
    said = f"{run.error} {[(each.action, each.phase, each.state) for each in made]} {effects}"
    assert effects.count("do change") == 1, said
    if name == "good":
        assert run.state is RunState.SUCCEEDED, said
        assert list(dict.fromkeys(effects)) == ["do look", "do change", "do repeat"]
    else:
        assert run.state is RunState.UNDONE, said
        assert list(dict.fromkeys(effects))[-2:] == ["undo repeat", "undo change"], said


@pytest.mark.parametrize("seed", range(4))
def test_the_run_ends_right(seed: int, tmp_path: Path) -> None:
    story(tmp_path / "run", ("good", "bad")[seed % 2], random.Random(seed))  # noqa: S311


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4, 64))
def test_the_run_ends_right_whenever_its_driver_is_killed(seed: int, tmp_path: Path) -> None:
    story(tmp_path / "run", ("good", "bad")[seed % 2], random.Random(seed))  # noqa: S311
