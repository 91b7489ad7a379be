"""What the journal of a run costs, and how long it takes to list many runs."""

import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.report import Row
from bigbrother.adapters.clock import SystemClock
from bigbrother.operations.procedures.action import Action
from bigbrother.operations.procedures.catalogue import find
from bigbrother.operations.procedures.engine import Engine
from bigbrother.operations.procedures.guards import Ground
from bigbrother.operations.procedures.history import list_runs
from bigbrother.operations.procedures.procedure import Procedure
from bigbrother.operations.procedures.records import RunState
from bigbrother.operations.procedures.start import Asking, start
from bigbrother.operations.response.actions import ACTIONS
from bigbrother.operations.store.store import Store
from bigbrother.ports.step_runner import StepEnd, StepLine, StepWork
from bigbrother.runbook.load import load_runbook

_RUNS = 40
_LISTED = 1000
_LARGEST_STEP_SECONDS = 0.005
_LARGEST_LIST_SECONDS = 0.05
_LINES = (StepLine("command", "systemctl status bigbrother-face"), StepLine("output", "active"))


class _Instant:
    """A step that takes no time: what is left is the journal."""

    process_id = 1
    process_started = 1.0

    def go(self) -> None:
        """It begins."""

    def lines(self) -> Iterator[StepLine]:
        """A command and what it says."""
        yield from _LINES

    def end(self) -> StepEnd:
        """It is done."""
        return StepEnd("done", {"summary": "Done.", "data": {}, "skipped": False})

    def kill(self) -> None:
        """It is over anyway."""


class _InstantRunner:
    """Implements `ports.step_runner.StepRunner` without processes."""

    def begin(self, work: StepWork) -> _Instant:  # noqa: ARG002 - whatever it is
        """A step."""
        return _Instant()

    def make_sure_gone(self, process_id: int, process_started: float) -> None:
        """Nothing is ever left."""


def measure() -> Iterator[Row]:
    """Recoveries of the face unit, whose steps take no time."""
    runbook, clock = load_runbook(), SystemClock()
    procedure = find("service_recovery.face_analyzer", runbook)
    actions: Mapping[str, Action[Any]] = ACTIONS
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "ops.db")
        engine = Engine(
            store, _InstantRunner(), actions, lambda: runbook, clock, Path(folder), None
        )
        ground = Ground(runbook, actions, lambda: 10**12)
        took = []
        for number in range(_RUNS):
            _begin(store, procedure, f"run-{number}", ground)
            began = time.perf_counter()
            run = engine.drive(f"run-{number}")
            took.append((time.perf_counter() - began) / len(run.steps))
            if run.state is not RunState.SUCCEEDED:
                raise RuntimeError(run.error)
        for number in range(_RUNS, _LISTED):
            # One resource each: nobody drives them.
            _begin(store, replace(procedure, resource=str(number)), f"run-{number}", ground)
        listing = [_listed_seconds(store) for _ in range(5)]
        commits = [_commit_seconds(store) for _ in range(50)]
        store.close()
    step_seconds, list_seconds = statistics.median(took), statistics.median(listing)
    yield Row(
        "journal of a step with its command and output, everything on the disk",
        f"{1000 * step_seconds:.1f} ms",
        f"{1000 * statistics.median(commits):.1f} ms for one commit alone",
        "",
        "<= 5 ms",
        step_seconds <= _LARGEST_STEP_SECONDS,
    )
    yield Row(
        f"{_LISTED} runs listed",
        f"{1000 * list_seconds:.0f} ms",
        "",
        "",
        "<= 50 ms",
        list_seconds <= _LARGEST_LIST_SECONDS,
    )


def _begin(store: Store, procedure: Procedure, run_id: str, ground: Ground) -> None:
    asking = Asking(run_id, "bench", "A measurement.")
    start(store, procedure, {}, asking, ground, SystemClock().now())


def _commit_seconds(store: Store) -> float:
    began = time.perf_counter()
    store.write(
        lambda conn: conn.execute("UPDATE run SET updated_at = updated_at + 1 WHERE id = 'run-0'")
    )
    return time.perf_counter() - began


def _listed_seconds(store: Store) -> float:
    began = time.perf_counter()
    found = store.read(lambda conn: list_runs(conn, limit=_LISTED))
    took = time.perf_counter() - began
    if len(found) != _LISTED:
        raise RuntimeError(f"{len(found)} of {_LISTED} runs were listed")
    return took
