"""Who drives a run, and what happens when somebody else does."""

import fcntl
import os
import threading
from datetime import timedelta

from bigbrother.operations.procedures.records import RunState
from tests.fakes.step_runner import Script
from tests.unit.operations.procedures.fate import Fate, MortalStore
from tests.unit.operations.procedures.stage import Stage, document, opened
from tests.waiting import until


def test_two_watchers_never_drive_one_run(stage: Stage) -> None:
    stage.runbook = document(
        steps={f"p{number}": ["change", "repeat"] for number in range(8)}, most=8
    )
    stores = [opened(stage.folder) for _ in range(2)]
    engines = [stage.engine(store=store) for store in stores]
    for engine in engines:
        engine.start()
    for number in range(8):
        stage.start(f"p{number}", f"run-{number}", automatic=True)
    for number in range(8):
        stage.until(RunState.SUCCEEDED, f"run-{number}")
    for engine in engines:
        engine.stop()
    for store in stores:
        store.close()
    assert stage.world.count("do", "change") == 8
    assert stage.world.overlaps == 0


def test_a_command_follows_a_run_that_the_watcher_drives(stage: Stage) -> None:
    stage.world.scripts["change"] = Script(blocks=True)
    stage.start()
    with stage.driving():
        stage.until_goes("change")
        found: list[RunState] = []
        other = opened(stage.folder)
        command = stage.engine(store=other)
        thread = threading.Thread(target=lambda: found.append(command.drive("run-1").state))
        thread.start()
        for step in list(stage.world.alive.values()):
            step.finish()
        thread.join(10)
        other.close()
    assert found == [RunState.SUCCEEDED]
    assert stage.kinds().count("run.taken-over") == 0


def test_no_more_runs_at_once_than_the_document_says(stage: Stage) -> None:
    stage.runbook = document(at_once=2)
    stage.world.scripts["change"] = Script(blocks=True)
    for number, unit in enumerate(("db", "face", "worker", "ops")):
        stage.start_on(f"unit:{unit}", f"run-{number}")
    with stage.driving():
        until(lambda: len(stage.world.alive) == 2)
        assert stage.run("run-2").state is RunState.QUEUED
        stage.world.scripts["change"].blocks = False
        for step in list(stage.world.alive.values()):
            step.finish()
        for number in range(4):
            stage.until(RunState.SUCCEEDED, f"run-{number}")
    assert stage.world.most_alive == 2


def test_a_watcher_that_stops_leaves_its_run_to_the_next(stage: Stage) -> None:
    stage.world.scripts["change"] = Script(blocks=True)
    stage.start()
    with stage.driving():
        stage.until_goes("change")
    assert stage.run().state is RunState.RUNNING
    stage.world.scripts["change"].blocks = False
    assert stage.drive().state is RunState.SUCCEEDED
    assert "do change interrupted" in stage.steps()
    assert "run.taken-over" in stage.kinds()


def test_a_driver_that_was_overtaken_ends_its_step_and_writes_nothing(stage: Stage) -> None:
    stage.world.scripts["change"] = Script(blocks=True)
    stage.start()
    with stage.driving() as engine:
        stage.until_goes("change")
        step = next(iter(stage.world.alive.values()))
        another = _overtake(stage)
        before = stage.kinds()
        # Its lease is to be renewed: there it sees that the run is another's.
        stage.clock.forward(10)
        engine.wake()
        until(lambda: step.killed and not engine._threads)
    os.close(another)
    assert stage.kinds() == before


def _overtake(stage: Stage) -> int:
    """Another watcher has the run, since the folder with the locks was cleared; its lock."""
    file = stage.folder / "run-1.lock"
    file.unlink()
    lock = os.open(file, os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    taken = "UPDATE run SET owner = 'another', epoch = epoch + 1"
    stage.store.write(lambda conn: conn.execute(taken))
    return lock


def test_a_lease_counts_where_the_lock_is_gone(stage: Stage) -> None:
    stage.start()
    owned = "UPDATE run SET owner = 'another', state = 'running', lease_until = 0"
    stage.store.write(lambda conn: conn.execute(owned))
    with stage.driving() as engine:
        until(lambda: engine._claims._seen != {})
        # However the wall clock is moved, the lease lasts.
        stage.clock.at += timedelta(days=1)
        engine.wake()
        stage.clock.seconds += 9
        engine.wake()
        assert stage.kinds() == ["run.queued"]
        stage.clock.seconds += 2
        stage.until(RunState.SUCCEEDED)
    assert "run.taken-over" in stage.kinds()


def test_the_clock_being_moved_ends_no_lease_of_a_living_driver(stage: Stage) -> None:
    stage.world.scripts["change"] = Script(blocks=True)
    stage.start()
    with stage.driving():
        stage.until_goes("change")
        stage.clock.at += timedelta(days=1)
        other = opened(stage.folder)
        assert stage.engine(store=other)._claims.take("run-1") is None
        other.close()
        for step in list(stage.world.alive.values()):
            step.finish()
        stage.until(RunState.SUCCEEDED)


def test_locks_do_not_pile_up(stage: Stage) -> None:
    stage.start()
    stage.drive()
    assert list(stage.folder.glob("*.lock")) == []


def test_a_run_that_the_engine_breaks_on_waits_for_a_person(stage: Stage) -> None:
    stage.start()
    stage.world.scripts["change"] = Script(blocks=True)
    with stage.driving():
        stage.until_goes("change")

    def cannot(process_id: int, process_started: float) -> None:
        raise RuntimeError("It does not go away.")

    engine = stage.engine()
    engine._means.runner.make_sure_gone = cannot  # type: ignore[method-assign]
    run = engine.drive("run-1")
    assert (run.state, run.held) == (RunState.HELD, "broken")
    assert "It does not go away." in run.error


def test_a_run_that_cannot_be_locked_keeps_no_other(stage: Stage) -> None:
    stage.start_on("one", "run-1")
    stage.start_on("two", "run-2")
    # Nobody can open it as a file.
    (stage.folder / "run-1.lock").mkdir()
    with stage.driving():
        stage.until(RunState.SUCCEEDED, "run-2")
    assert stage.run("run-1").state is RunState.QUEUED


def test_the_folder_of_the_locks_may_be_cleared(stage: Stage) -> None:
    stage.start()
    assert stage.engine(locks=stage.folder / "cleared").drive("run-1").state is RunState.SUCCEEDED


class Points(Fate):
    """All that are passed."""

    def __init__(self) -> None:
        super().__init__(None)
        self.names = list[str]()

    def __call__(self, where: str) -> None:
        self.names.append(where)


def test_the_end_of_a_step_and_what_follows_wait_for_the_disk_once(stage: Stage) -> None:
    stage.start()
    points = Points()
    store = MortalStore(stage.folder / "ops.db", points)
    run = stage.engine(store=store).drive("run-1")
    store.close()
    assert run.state is RunState.SUCCEEDED
    # Claimed, each step, ended.
    assert points.names.count("after a write") == len(run.steps) + 2
