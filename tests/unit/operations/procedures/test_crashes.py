"""A driver dies at every point, in turn: whoever goes on brings the run to its right end."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bigbrother.operations.procedures import requests
from bigbrother.operations.procedures.records import ENDED, Run, RunState, Settled
from bigbrother.ports.step_runner import StepEnd
from bigbrother.runbook.model import Runbook
from tests.fakes.step_runner import DONE, Script, World
from tests.unit.operations.procedures.fate import Fate, Killed, MortalStore
from tests.unit.operations.procedures.stage import Stage, document

BROKEN = StepEnd("failed", error="It broke.")
TIMED_OUT = StepEnd("timed-out", error="Too long.")
ONCE = ("change", "blind")
"""What must not happen twice."""


@dataclass(frozen=True)
class Story:
    """A run, and how it ends however often its driver dies."""

    name: str
    runbook: Runbook
    ends: frozenset[RunState]
    scripts: Callable[[], dict[str, Script]] = dict
    request: Callable[[Stage], object] | None = None
    """What somebody asks before it is driven."""
    approved: bool = False


def _cancelled_inside(stage: Stage) -> None:
    stage.world.on_effect["repeat"] = lambda: requests.cancel(
        stage.store, "run-1", "bia", stage.clock.now()
    )


STORIES = (
    Story(
        "all goes well, with approval",
        document(figures={"change": {"approval": True}}),
        frozenset({RunState.SUCCEEDED}),
        approved=True,
    ),
    Story(
        "the last step fails",
        document(steps={"good": ["look", "change", "repeat", "boom"]}),
        frozenset({RunState.UNDONE}),
        lambda: {"boom": Script([BROKEN])},
    ),
    Story(
        "a step works the second time",
        document(steps={"good": ["change", "repeat"]}),
        frozenset({RunState.SUCCEEDED}),
        lambda: {"change": Script([BROKEN, DONE]), "repeat": Script([TIMED_OUT, DONE])},
    ),
    Story(
        "nobody can tell whether a step happened",
        document(steps={"good": ["look", "blind", "repeat"]}),
        frozenset({RunState.SUCCEEDED}),
    ),
    Story(
        "somebody cancels it in the midst",
        document(steps={"good": ["change", "repeat", "look"]}),
        frozenset({RunState.CANCELLED, RunState.SUCCEEDED}),
        request=_cancelled_inside,
    ),
)


def live(stage: Stage, fate: Fate) -> Run | None:
    """A driver's life until its fate or the end of the run; None when it was killed."""
    store = MortalStore(stage.folder / "ops.db", fate)
    try:
        return stage.engine(fate, store).drive("run-1")
    except Killed:
        return None
    finally:
        store.abandon()


def live_on(stage: Stage, deaths: Sequence[int]) -> tuple[Run, int]:
    """Drivers one after the other, each with its fate, the last without; and how many died."""
    died = 0
    for at in deaths:
        fate = Fate(at)
        run = live(stage, fate)
        died += fate.dead
        if run is not None and run.state in ENDED:
            return run, died
        _settle(stage)
    while True:
        run = live(stage, Fate(None))
        assert run is not None
        if run.state in ENDED:
            return run, died
        assert run.state is RunState.HELD
        assert _settle(stage), run.error


def _settle(stage: Stage) -> bool:
    """A person looks how it is, and says so; whether anybody was asked."""
    run = stage.run()
    if run.state is not RunState.HELD or run.settled:
        return False
    action = run.error.partition(" ")[0]
    said: Settled = "done" if stage.world.count("do", action) else "again"
    requests.resume(stage.store, "run-1", "bia", stage.clock.now(), said)
    return True


def told(story: Story, stage: Stage, deaths: Sequence[int]) -> int:
    """The story with these deaths; how many drivers died before it had ended."""
    stage.store.write(lambda conn: conn.execute("DELETE FROM run"))
    stage.runbook, stage.world = story.runbook, World(scripts=story.scripts())
    stage.start(approved=story.approved)
    if story.request is not None:
        story.request(stage)
    run, died = live_on(stage, deaths)
    assert_right(story, stage, run)
    return died


def assert_right(story: Story, stage: Stage, run: Run) -> None:
    world, said = stage.world, f"{run.error} {stage.steps()} {stage.world.effects}"
    assert run.state in story.ends, said
    assert world.overlaps == 0, said
    assert world.alive == {}, said
    assert all(world.count("do", name) <= 1 for name in ONCE), said
    done = {action for phase, action in world.effects if phase == "do"}
    if run.state is RunState.SUCCEEDED:
        assert done == {step.action for step in run.steps}, said
    else:
        undone = {action for phase, action in world.effects if phase == "undo"}
        assert undone >= done & {"change", "repeat", "blind"}, said
        first_undo = world.effects.index(("undo", "change"))
        assert all(phase == "undo" for phase, _ in world.effects[first_undo:]), said


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_a_driver_may_die_at_any_point(story: Story, stage: Stage) -> None:
    at = 0
    while told(story, stage, [at]):
        at += 1
    assert at > 20


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(story=st.sampled_from(STORIES), deaths=st.lists(st.integers(0, 60), min_size=2, max_size=4))
def test_drivers_may_die_one_after_the_other(story: Story, deaths: list[int], stage: Stage) -> None:
    told(story, stage, deaths)


@pytest.mark.slow
def test_drivers_may_die_one_after_the_other_a_thousand_times(stage: Stage) -> None:
    dice = random.Random(5)  # noqa: S311
    for _ in range(1000):
        deaths = [dice.randrange(70) for _ in range(dice.randint(2, 6))]
        told(dice.choice(STORIES), stage, deaths)
