"""Tasks run when they are due, once, beside each other, through restarts and hangs."""

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bigbrother.kernel.status import Status
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.monitoring.plans import Outcome, TaskRecord, records
from bigbrother.operations.monitoring.runner import Runner
from bigbrother.operations.monitoring.schedule import Daily, Every, When
from bigbrother.operations.monitoring.task import Task
from bigbrother.operations.store.store import Store
from bigbrother.runbook.load import load_runbook
from bigbrother.runbook.model import Runbook
from tests.fakes.clock import FakeClock
from tests.waiting import until

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LIMIT = timedelta(seconds=5)
SIX = Daily(time(6), ZoneInfo("UTC"))


class Document:
    """Holds a document that a test may change."""

    current: Runbook = load_runbook()


class Place:
    """A watcher's file, a clock and what was reported; watchers come and go."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.store = Store(file)
        self.clock = FakeClock(NOON)
        self.document = Document()
        self.reported: list[Finding] = []

    def runner(self, *tasks: Task) -> Runner:
        return Runner(self.store, self.document, self.clock, tasks, self.reported.extend)

    def restart(self) -> None:
        """As after kill -9: nobody was asked to end anything."""
        self.store = Store(self.file)

    def task(self, name: str) -> TaskRecord:
        return next(each for each in self.store.read(records) if each.name == name)

    def failing(self) -> list[str]:
        return [
            each.labels["task"]
            for each in self.reported
            if each.alert == "watcher_failing" and each.status is Status.FAILED
        ]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path / "ops.db")
    yield made
    made.store.close()


def task(name: str, run: Callable[[datetime], Sequence[Finding]], when: When | None = None) -> Task:
    schedule = when or Every(MINUTE)
    return Task(name, lambda _: schedule, lambda _: LIMIT, run)


class Look:
    """A task's run that counts, and hangs while it is told to."""

    def __init__(self, *, hangs: bool = False) -> None:
        self.began = 0
        self.ended = 0
        self.go = threading.Event()
        if not hangs:
            self.go.set()

    def __call__(self, now: datetime) -> Sequence[Finding]:
        self.began += 1
        self.go.wait(30)
        self.ended += 1
        return [Finding("cpu_usage", Status.PASSED, now)]


def settle(look: Look, runs: int) -> None:
    until(lambda: look.ended == runs and not alive("look"))


def alive(name: str) -> bool:
    return any(thread.name == name for thread in threading.enumerate())


def test_what_a_run_finds_is_reported(place: Place) -> None:
    look = Look()
    due = place.runner(task("look", look)).tick(NOON)
    settle(look, 1)
    assert [each.alert for each in place.reported] == ["cpu_usage", "watcher_failing"]
    assert place.reported[1].status is Status.PASSED
    assert NOON < due <= NOON + MINUTE


def test_a_task_that_runs_well_is_quiet_about_itself(place: Place) -> None:
    look = Look()
    runner = place.runner(task("look", look))
    for minute in range(3):
        runner.tick(NOON + minute * MINUTE)
        settle(look, minute + 1)
    assert [each.alert for each in place.reported].count("watcher_failing") == 1


def test_a_slow_task_delays_no_other(place: Place) -> None:
    slow, quick = Look(hangs=True), Look()
    runner = place.runner(task("slow", slow), task("look", quick))
    runner.tick(NOON)
    settle(quick, 1)
    runner.tick(NOON + MINUTE)
    settle(quick, 2)
    assert (slow.began, slow.ended) == (1, 0)
    slow.go.set()


def test_a_task_that_still_runs_is_not_begun_again(place: Place) -> None:
    look = Look(hangs=True)
    runner = place.runner(task("look", look))
    for minute in range(4):
        runner.tick(NOON + minute * MINUTE)
    until(lambda: look.began == 1)
    assert place.task("look").overrun == 3
    look.go.set()
    settle(look, 1)


def test_a_run_that_hangs_is_abandoned_and_told_once(place: Place) -> None:
    look = Look(hangs=True)
    runner = place.runner(task("look", look))
    assert runner.tick(NOON) == NOON + LIMIT
    for seconds in (4.9, 0.1, 1, 64):
        place.clock.forward(seconds)
        runner.tick(place.clock.now())
    assert place.failing() == ["look"]
    assert place.task("look").outcome == Outcome.ABANDONED
    assert sum(thread.name == "look" for thread in threading.enumerate()) == 1
    look.go.set()
    settle(look, 1)
    assert [each.alert for each in place.reported] == ["watcher_failing"]


def test_a_task_that_hung_runs_again_once_its_thread_is_over(place: Place) -> None:
    look = Look(hangs=True)
    runner = place.runner(task("look", look))
    runner.tick(NOON)
    place.clock.forward(5)
    runner.tick(place.clock.now())
    look.go.set()
    settle(look, 1)
    place.clock.forward(55)
    runner.tick(place.clock.now())
    settle(look, 2)
    assert place.reported[-1].status is Status.PASSED
    runner.stop()
    assert place.task("look").outcome == Outcome.DONE


def test_a_task_that_breaks_is_told_and_runs_again(place: Place) -> None:
    def breaks(now: datetime) -> Sequence[Finding]:
        raise RuntimeError("no such thing")

    runner = place.runner(task("look", breaks))
    runner.tick(NOON)
    until(lambda: place.failing() == ["look"])
    until(lambda: not alive("look"))
    runner.tick(NOON + MINUTE)
    until(lambda: len(place.failing()) == 2)
    until(lambda: not alive("look"))
    runner.stop()
    record = place.task("look")
    assert (record.outcome, record.detail) == (Outcome.FAILED, "RuntimeError: no such thing")


def test_after_a_downtime_a_task_runs_once(place: Place) -> None:
    look = Look()
    place.runner(task("look", look)).tick(NOON)
    settle(look, 1)
    place.restart()
    runner = place.runner(task("look", look))
    back = NOON + timedelta(days=2)
    runner.tick(back)
    settle(look, 2)
    for second in range(1, 50, 10):
        runner.tick(back + timedelta(seconds=second))
    settle(look, 2)
    assert place.task("look").missed == 2 * 24 * 60 - 1


def test_a_restart_does_not_run_what_is_not_due(place: Place) -> None:
    look = Look()
    runner = place.runner(task("look", look))
    runner.tick(NOON)
    settle(look, 1)
    runner.stop()
    place.restart()
    assert place.runner(task("look", look)).tick(NOON + MINUTE / 2) == NOON + MINUTE
    assert look.began == 1


def test_a_daily_run_in_which_the_watcher_died_is_made_once_more_and_no_more(
    place: Place,
) -> None:
    six = NOON.replace(hour=6) + timedelta(days=1)
    look = Look(hangs=True)
    place.runner(task("look", look, SIX)).tick(NOON)
    begun = []
    for minutes in range(4):
        place.restart()
        place.runner(task("look", look, SIX)).tick(six + minutes * MINUTE)
        begun.append(look.began)
    until(lambda: look.began == 2)
    assert begun[-1] <= 2
    assert place.task("look").outcome == Outcome.REPEATED
    look.go.set()
    settle(look, 2)


def test_the_end_of_a_daily_run_is_known_at_once(place: Place) -> None:
    look = Look()
    runner = place.runner(task("look", look, SIX))
    runner.tick(NOON)
    six = NOON.replace(hour=6) + timedelta(days=1)
    runner.tick(six)
    settle(look, 1)
    place.restart()
    place.runner(task("look", look, SIX)).tick(six + MINUTE)
    assert look.began == 1
    assert place.task("look").outcome == Outcome.DONE


def test_a_clock_that_jumps_stops_nothing(place: Place) -> None:
    look = Look()
    runner = place.runner(task("look", look))
    runs = 0
    for jump in (0, 400, -800, -799, 3):
        now = NOON + timedelta(days=jump)
        runner.tick(now)
        due = runner.tick(now + MINUTE)
        assert due <= now + MINUTE + MINUTE
        until(lambda: look.ended > runs and not alive("look"))  # noqa: B023 - it is called here
        runs = look.ended
    assert runs >= 5


def test_a_changed_interval_counts_while_it_runs(place: Place) -> None:
    look = Look()
    schedule: list[When] = [Every(timedelta(hours=1))]
    changing = Task("look", lambda _: schedule[0], lambda _: LIMIT, look)
    runner = place.runner(changing)
    runner.tick(NOON)
    settle(look, 1)
    schedule[0] = Every(timedelta(seconds=1))
    assert runner.tick(NOON + MINUTE) == NOON + MINUTE + timedelta(seconds=1)


def test_a_runner_that_was_stopped_begins_nothing(place: Place) -> None:
    look = Look()
    runner = place.runner(task("look", look))
    runner.stop()
    runner.tick(NOON)
    assert look.began == 0
