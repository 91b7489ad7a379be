"""Steps without processes: what each does is scripted, and what it did to the world is kept."""

import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from bigbrother.operations.procedures.outcome import Happened
from bigbrother.ports.step_runner import (
    StepEnd,
    StepLine,
    StepRunnerUnavailable,
    StepWork,
)

DONE = StepEnd("done", {"summary": "Done.", "data": {}, "skipped": False})
SKIPPED = StepEnd("done", {"summary": "Nothing to do.", "data": {}, "skipped": True})


@dataclass
class Script:
    """What one action does."""

    ends: Sequence[StepEnd] = (DONE,)
    """One after the other; the last for ever."""
    undo_ends: Sequence[StepEnd] = (DONE,)
    lines: Sequence[StepLine] = ()
    blocks: bool = False
    """It goes on until it is killed."""
    happened: Happened | None = None
    """What `verify` answers; None: what is true."""


@dataclass
class World:
    """What steps did, whoever drove them: it outlives every driver."""

    scripts: dict[str, Script] = field(default_factory=dict)
    effects: list[tuple[str, str]] = field(default_factory=list)
    """Phase and action of everything that was done."""
    alive: dict[int, "FakeStep"] = field(default_factory=dict)
    begun: dict[tuple[str, str], int] = field(default_factory=dict)
    overlaps: int = 0
    """Steps that began while another of the same run had not ended."""
    most_alive: int = 0
    """Steps at a time."""
    on_effect: dict[str, Callable[[], object]] = field(default_factory=dict)
    """What happens while an action does its work."""
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(1000))

    def count(self, phase: str, action: str) -> int:
        """How often that was done."""
        return self.effects.count((phase, action))


def no_fate(_where: str) -> None:
    """No fate."""


class FakeStepRunner:
    """Implements `ports.step_runner.StepRunner`; `fate` is asked at every point where a driver
    may die."""

    def __init__(self, world: World, fate: Callable[[str], None] = no_fate) -> None:
        self.world = world
        self.fate = fate
        self.works: list[StepWork] = []
        self.unavailable = 0
        """So many of the next steps cannot be begun."""

    def begin(self, work: StepWork) -> "FakeStep":
        self.fate("begin")
        if self.unavailable:
            self.unavailable -= 1
            raise StepRunnerUnavailable("No process can be begun.", remedy="Wait.")
        self.works.append(work)
        return FakeStep(self, work, next(self.world.ids))

    def make_sure_gone(self, process_id: int, process_started: float) -> None:
        self.fate("make sure gone")
        left = self.world.alive.pop(process_id, None)
        if left is not None:
            assert left.process_started == process_started
            # The worst case: it did its work after its driver had died.
            left.act()


class FakeStep:
    """Implements `ports.step_runner.RunningStep`."""

    def __init__(self, runner: FakeStepRunner, work: StepWork, process_id: int) -> None:
        self.process_id = process_id
        self.process_started = float(process_id)
        self._runner = runner
        self._work = work
        self._script = runner.world.scripts.setdefault(work.action, Script())
        self.run_id = work.run_id
        self.action = work.action
        self._killed = threading.Event()
        self._finished = threading.Event()
        self._end: StepEnd | None = None
        self._acted = False

    def go(self) -> None:
        self._runner.fate("go")
        if self._work.phase == "verify":
            # It only looks: one that is left over harms nobody.
            return
        world = self._runner.world
        others = [step for step in world.alive.values() if step.run_id == self.run_id]
        world.overlaps += len(others)
        world.alive[self.process_id] = self
        world.most_alive = max(world.most_alive, len(world.alive))

    def lines(self) -> Iterator[StepLine]:
        yield from self._script.lines
        if self._script.blocks and self._work.phase == "do":
            assert self._finished.wait(30)
        self._runner.fate("inside, before")
        self.act()
        self._runner.fate("inside, after")

    def end(self) -> StepEnd:
        self._runner.world.alive.pop(self.process_id, None)
        return self._end or StepEnd("died", error="It was killed.")

    def kill(self) -> None:
        self._runner.fate("kill")
        self._killed.set()
        self._finished.set()

    @property
    def killed(self) -> bool:
        """Whether somebody has ended it."""
        return self._killed.is_set()

    def finish(self) -> None:
        """One that blocks goes on and ends by itself."""
        self._finished.set()

    def act(self) -> None:
        """Does its work, once, unless it was killed before."""
        if self._acted or self._killed.is_set():
            return
        self._acted = True
        world, key = self._runner.world, (self._work.phase, self._work.action)
        number = world.begun.get(key, 0)
        world.begun[key] = number + 1
        if self._work.phase == "verify":
            truth = Happened.YES if world.count("do", key[1]) else Happened.NO
            self._end = StepEnd("done", {"happened": str(self._script.happened or truth)})
            return
        ends = self._script.undo_ends if self._work.phase == "undo" else self._script.ends
        self._end = ends[min(number, len(ends) - 1)]
        if self._end.kind == "done" and not self._end.answer["skipped"]:
            world.effects.append(key)
            world.on_effect.get(key[1], lambda: None)()
