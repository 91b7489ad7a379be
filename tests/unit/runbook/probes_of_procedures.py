"""How runs of procedures begin and go on."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bigbrother.operations.procedures import requests
from bigbrother.operations.procedures.action import Action, UnitArguments
from bigbrother.operations.procedures.catalogue import find, procedures, step_figures
from bigbrother.operations.procedures.engine import Engine
from bigbrother.operations.procedures.guards import Ground
from bigbrother.operations.procedures.history import approvals, events
from bigbrother.operations.procedures.moves import Position, next_move
from bigbrother.operations.procedures.outcome import Happened
from bigbrother.operations.procedures.procedure import Procedure
from bigbrother.operations.procedures.records import Attempt, Run, RunState, StepState
from bigbrother.operations.procedures.start import Asking, start
from bigbrother.operations.procedures.stepping import Bell
from bigbrother.operations.store.store import Store
from bigbrother.ports.step_runner import StepLine
from bigbrother.runbook.model import Runbook
from tests.fakes.clock import FakeClock
from tests.fakes.step_runner import FakeStepRunner, Script, World
from tests.unit.operations.procedures.stage import PLENTY_BYTES, action, opened
from tests.unit.runbook.probe import Probe

NAME = "service_recovery.face_analyzer"


@dataclass(frozen=True)
class Stage:
    """One ops.db of a document."""

    runbook: Runbook
    folder: Path
    store: Store
    clock: FakeClock
    world: World
    free_bytes: int

    @property
    def procedure(self) -> Procedure:
        return find(NAME, self.runbook)

    @property
    def actions(self) -> Mapping[str, Action[Any]]:
        names = (step.action for step in self.procedure.steps)
        return {name: action(name, idempotent=True, arguments=UnitArguments) for name in names}

    @property
    def engine(self) -> Engine:
        return Engine(
            self.store,
            FakeStepRunner(self.world),
            self.actions,
            lambda: self.runbook,
            self.clock,
            self.folder,
        )

    def start(self, run_id: str, procedure: Procedure, **asking: Any) -> Run:  # noqa: ANN401
        asked = replace(Asking(run_id, "ana", ""), **asking)
        ground = Ground(self.runbook, self.actions, lambda: self.free_bytes)
        run, _ = start(self.store, procedure, {}, asked, ground, self.clock.now())
        return run


@contextmanager
def staged(runbook: Runbook, free_bytes: int = PLENTY_BYTES) -> Iterator[Stage]:
    with tempfile.TemporaryDirectory() as folder:
        store = opened(Path(folder))
        yield Stage(runbook, Path(folder), store, FakeClock(), World(), free_bytes)
        store.close()


def planned(runbook: Runbook) -> object:
    """Every procedure's steps with their figures; and those of a step that has none."""
    return list(procedures(runbook).values()), step_figures(runbook, "another")


def without_room(runbook: Runbook) -> object:
    """Which procedures begin on a full disk."""
    with staged(runbook, free_bytes=0) as stage:
        names = ("solutions.x", "solutions.free_x", "housekeeping.x", NAME)
        return [
            stage.start(name, replace(stage.procedure, name=name, resource=name)).state
            for name in names
        ]


def with_room(runbook: Runbook) -> object:
    """With how many free bytes a person's run begins."""
    free_bytes = 1_000_000
    with staged(runbook) as stage:
        while True:
            there = replace(stage, free_bytes=free_bytes)
            procedure = replace(stage.procedure, name="solutions.x")
            if there.start(str(free_bytes), procedure).state is RunState.QUEUED:
                return free_bytes
            free_bytes = int(free_bytes * 1.1)


def in_freeze(runbook: Runbook) -> object:
    """Whether a person's run begins in the morning."""
    with staged(runbook) as stage:
        return stage.start("run", stage.procedure).state


def by_itself(runbook: Runbook) -> object:
    """Which of many automatic runs on one resource begin, one every five minutes."""
    seen = []
    with staged(runbook) as stage:
        for number in range(30):
            run = stage.start(str(number), stage.procedure, automatic=True)
            seen.append(run.state)
            if run.state is RunState.QUEUED:
                requests.cancel(stage.store, run.id, "ana", stage.clock.now())
            stage.clock.forward(300)
    return seen


def approval(runbook: Runbook) -> object:
    """Until when somebody may approve."""
    with staged(runbook) as stage:
        steps = tuple(replace(step, approval=True) for step in stage.procedure.steps)
        stage.start("run", replace(stage.procedure, steps=steps))
        engine = stage.engine
        claim = engine._claims.take("run")
        assert claim is not None
        engine._drive(claim)
        return [each.until for each in stage.store.read(lambda conn: approvals(conn, "run"))]


def kept_output(runbook: Runbook) -> object:
    """How much is left of a step that says much."""
    with staged(runbook) as stage:
        first = stage.procedure.steps[0].action
        lines = tuple(StepLine("output", "x" * 1000) for _ in range(300))
        stage.world.scripts[first] = Script(lines=lines)
        stage.start("run", stage.procedure)
        stage.engine.drive("run")
        found = stage.store.read(lambda conn: events(conn, "run", limit=10_000))
        return sum(event.kind == "output" for event in found)


def runs_at_once(runbook: Runbook) -> object:
    """How many of thirty runs are driven."""
    with staged(runbook) as stage:
        for step in stage.procedure.steps:
            stage.world.scripts[step.action] = Script(blocks=True)
        for number in range(30):
            stage.start(str(number), replace(stage.procedure, resource=str(number)))
        engine = stage.engine
        engine._begin_due()
        count = len(engine._threads)
        engine.stop()
    return count


def taken_over(runbook: Runbook) -> object:
    """After how many seconds a run of a driver that is silent elsewhere is taken."""
    with staged(runbook) as stage:
        stage.start("run", stage.procedure)
        stage.store.write(lambda conn: conn.execute("UPDATE run SET owner = 'another'"))
        claims = stage.engine._claims
        while (claim := claims.take("run")) is None:
            stage.clock.forward(0.5)
        claim.let_go(ours=True)
        return stage.clock.seconds


def looks(runbook: Runbook) -> object:
    """How long a command waits before it looks again at a run that is another's turn."""
    waited: list[float] = []

    def wait(_bell: Bell, seconds: float) -> list[object]:
        waited.append(seconds)
        raise KeyboardInterrupt

    with staged(runbook) as stage, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Bell, "wait", wait)
        for run_id in ("first", "second"):
            stage.start(run_id, stage.procedure, automatic=run_id == "second", alert_id="a")
        stage.store.write(
            lambda conn: conn.execute("UPDATE run SET state = 'paused', pause_asked = 1")
        )
        stage.start("third", replace(stage.procedure, name="solutions.x"), automatic=True)
        with pytest.raises(KeyboardInterrupt):
            stage.engine.drive("third")
    return waited


def interruptions(runbook: Runbook) -> object:
    """What follows after a step was cut off once, twice, and so on."""
    with staged(runbook) as stage:
        run = replace(stage.start("run", stage.procedure), state=RunState.RUNNING)
        now, step = stage.clock.now(), stage.procedure.steps[0]
        cut = [
            Attempt(
                "run", 0, "do", number, step.action, StepState.INTERRUPTED, now, now, None, "",
                None, None, happened=Happened.NO,
            )
            for number in range(1, 60)
        ]  # fmt: skip
        figure = runbook.procedures.interruptions
        return [
            type(
                next_move(
                    Position(run, cut[:count], (), stage.actions, stage.procedure, figure, now)
                )
            )
            for count in range(1, 60)
        ]


PROCEDURES = (
    Probe(("procedures.steps.*", "procedures.default_step.*"), planned),
    Probe(("procedures.free_disk",), with_room),
    Probe(("procedures.despite_full_disk",), without_room),
    Probe(("procedures.freezes",), in_freeze),
    Probe(("procedures.most", "procedures.most_within"), by_itself),
    Probe(("procedures.approval_within",), approval),
    Probe(("procedures.output",), kept_output),
    Probe(("procedures.at_once",), runs_at_once),
    Probe(("procedures.lease",), taken_over),
    Probe(("procedures.look_every",), looks),
    Probe(("procedures.interruptions",), interruptions),
)
