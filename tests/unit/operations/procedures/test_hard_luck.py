"""What must not happen to a run, its resource or its watcher, however unlucky they are."""

import os
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from bigbrother.operations.procedures import requests
from bigbrother.operations.procedures.catalogue import find
from bigbrother.operations.procedures.errors import ArgumentsRefused
from bigbrother.operations.procedures.records import Run, RunState
from bigbrother.operations.procedures.start import Asking, start
from bigbrother.operations.store.store import Store, Work
from tests.fakes.step_runner import Script
from tests.unit.operations.procedures.stage import Stage, document, opened, without_waiting

T = TypeVar("T")


def _never_gone(process_id: int, process_started: float) -> None:
    raise RuntimeError("It does not go away.")


def interrupted(stage: Stage) -> None:
    stage.world.scripts["change"] = Script(blocks=True)
    stage.start()
    with stage.driving():
        stage.until_goes("change")
    stage.world.scripts["change"].blocks = False


def test_a_cancelled_run_that_the_engine_breaks_on_is_not_tried_for_ever(stage: Stage) -> None:
    interrupted(stage)
    requests.cancel(stage.store, "run-1", "bia", stage.clock.now())
    engine = stage.engine()
    engine._means.runner.make_sure_gone = _never_gone  # type: ignore[method-assign]
    engine.start()
    stage.until(RunState.HELD)
    # Whatever else there is to do is done meanwhile.
    stage.start_on("another", "run-2")
    engine.wake()
    stage.until(RunState.SUCCEEDED, "run-2")
    engine.stop()
    assert stage.kinds().count("run.held") == 1
    # The reason is mended, and it is cancelled once more.
    requests.cancel(stage.store, "run-1", "bia", stage.clock.now())
    assert stage.drive().state is RunState.CANCELLED


def test_a_run_whose_thread_cannot_begin_is_taken_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, refused = threading.Thread.start, list[str]()

    def start(thread: threading.Thread) -> None:
        if thread.name == "run-run-1" and not refused:
            refused.append(thread.name)
            raise RuntimeError("can't start new thread")
        begin(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    stage.start()
    with stage.driving():
        stage.until(RunState.SUCCEEDED)
    assert refused == ["run-run-1"]


def test_a_step_that_cannot_be_listened_to_has_failed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, refused = threading.Thread.start, list[str]()

    def start(thread: threading.Thread) -> None:
        if thread.name == "step-lines" and not refused:
            refused.append(thread.name)
            raise RuntimeError("can't start new thread")
        begin(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    stage.start()
    assert stage.drive().state is RunState.SUCCEEDED
    assert stage.steps()[0] == "do look failed"


def test_a_lock_file_that_its_owner_did_not_leave_ends_no_lease(stage: Stage) -> None:
    """Its folder was cleared, and somebody was killed between making the file and removing it."""
    stage.world.scripts["change"] = Script(blocks=True)
    stage.start()
    with stage.driving():
        stage.until_goes("change")
        (stage.folder / "run-1.lock").unlink()
        (stage.folder / "run-1.lock").touch()
        other = opened(stage.folder)
        assert stage.engine(store=other)._claims.take("run-1") is None
        other.close()
        for step in list(stage.world.alive.values()):
            step.finish()
        stage.until(RunState.SUCCEEDED)


def test_the_lock_of_a_run_that_was_cancelled_while_it_began_does_not_stay(stage: Stage) -> None:
    stage.start()
    engine = stage.engine()
    begin = engine._means.runner.begin

    def cancelled_meanwhile(work: object) -> object:
        requests.cancel(stage.store, "run-1", "bia", stage.clock.now())
        return begin(work)  # type: ignore[arg-type]

    engine._means.runner.begin = cancelled_meanwhile  # type: ignore[method-assign,assignment]
    assert engine.drive("run-1").state is RunState.CANCELLED
    assert stage.world.effects == []
    assert list(stage.folder.glob("*.lock")) == []


def automatic(stage: Stage, name: str, run_id: str) -> Run:
    procedure = replace(find(name, stage.runbook), resource="unit:db")
    asked = Asking(run_id, "alert", "A test.", automatic=True)
    run, _ = start(stage.store, procedure, {}, asked, stage.ground, stage.clock.now())
    return run


def test_runs_of_a_clock_that_went_ahead_keep_nothing_from_healing(stage: Stage) -> None:
    stage.runbook = document(steps={"good": ["change"]}, most=1)
    stage.clock.at += timedelta(days=300)
    automatic(stage, "good", "run-1")
    stage.drive()
    stage.clock.at -= timedelta(days=300)
    assert automatic(stage, "good", "run-2").state is RunState.QUEUED


def test_no_run_is_called_as_the_newest_one_is(stage: Stage) -> None:
    with pytest.raises(ArgumentsRefused):
        stage.start(run_id="last")


class BusyStore(Store):
    """A file that somebody copies or vacuums for longer than a write waits."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.busy = 0
        without_waiting(self)

    def write(self, work: Work[T]) -> T:
        if self.busy:
            self.busy -= 1
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise error
        return super().write(work)


def test_a_watchers_file_that_is_locked_for_long_holds_no_run(stage: Stage) -> None:
    stage.start()
    store = BusyStore(stage.folder / "ops.db")

    def locked() -> None:
        store.busy = 1

    stage.world.on_effect["change"] = locked
    assert stage.engine(store=store).drive("run-1").state is RunState.SUCCEEDED
    store.close()
    assert stage.world.count("do", "change") == 1
    assert "run.held" not in stage.kinds()


def test_what_cannot_be_written_on_the_disk_is_begun_only_where_twice_is_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.start()

    monkeypatch.setattr(type(stage.store), "degraded", property(lambda _store: True))
    run = stage.drive()
    assert run.state is RunState.UNDONE
    assert "disk" in run.error
    assert stage.world.count("do", "look") == 1
    assert stage.world.count("do", "change") == 0


_AS_NOBODY = """
import os, sys
from pathlib import Path
from bigbrother.operations.store.errors import StoreUnusable
from bigbrother.operations.store.store import Store
os.setuid(65534)
try:
    Store(Path(sys.argv[1]))
except StoreUnusable as error:
    print(error.remedy)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_another_user_is_told_whose_it_is(stage: Stage) -> None:
    stage.folder.chmod(0o700)
    command = (sys.executable, "-c", _AS_NOBODY, str(stage.folder / "ops.db"))
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "Run it as the user that installed it.\n"
