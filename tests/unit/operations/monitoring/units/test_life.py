"""A unit's life from its manager's words and its deaths, with time in the test's hand."""

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bigbrother.adapters.clock import SystemClock
from bigbrother.kernel.status import Status
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.monitoring.units.life import Moment, UnitLife
from bigbrother.operations.monitoring.units.lives import Lives, told_by_manager
from bigbrother.ports.service_manager import UnitState, UnitStatus
from bigbrother.runbook.load import load_runbook

RUNBOOK = load_runbook(None)
UNIT = "bigbrother-face"
BEGAN = datetime(2026, 3, 1, 12, tzinfo=UTC)
UP, DOWN = Status.PASSED, Status.FAILED


@dataclass
class Story:
    """Tells a unit's life step by step and keeps what was found."""

    life: UnitLife = field(default_factory=lambda: UnitLife(UNIT))
    seconds: float = 0
    found: list[Finding] = field(default_factory=list)

    def after(self, seconds: float) -> "Story":
        self.seconds += seconds
        return self

    def sees(
        self,
        state: UnitState,
        process_id: int | None = None,
        reason: str = "",
        *,
        since: datetime | None = BEGAN,
        managed: bool = True,
    ) -> "Story":
        status = UnitStatus(UNIT, state, process_id, since, reason)
        self.found += self.life.seen(status, self._now(), RUNBOOK, managed=managed)
        return self

    def dies(self) -> "Story":
        self.found += self.life.exited(self._now(), RUNBOOK)
        return self

    def told(self, alert: str = "unit_down") -> list[Status]:
        return [each.status for each in self.found if each.alert == alert]

    def _now(self) -> Moment:
        return Moment(BEGAN + timedelta(seconds=self.seconds), 1000 + self.seconds)


def running() -> Story:
    return Story().sees(UnitState.RUNNING, 10)


def test_a_manager_that_has_not_noticed_a_death_does_not_undo_it() -> None:
    story = running().dies().sees(UnitState.RUNNING, 10)
    assert story.told() == [UP, DOWN]
    assert story.life.process_id is None


def test_a_new_process_with_the_dead_ones_number_is_a_new_process() -> None:
    again = BEGAN + timedelta(seconds=2)
    story = running().dies().after(2).sees(UnitState.RUNNING, 10, since=again)
    assert story.told() == [UP, DOWN, UP]
    assert "after 2.0 s, as process 10" in story.found[-1].summary


def test_a_unit_that_dies_in_each_start_uses_up_one_grace() -> None:
    grace = RUNBOOK.units[UNIT].grace.value
    story = running().after(60).dies()
    for process_id in range(11, 15):
        began = BEGAN + timedelta(seconds=story.seconds + 1)
        story.after(1).sees(UnitState.RUNNING, process_id, since=began).after(1).dies()
    falls = [each for each in story.found if each.alert == "unit_down" and each.status is DOWN]
    # Past its grace it is on trial: people were told, and it has not lived since.
    assert [each.grace_seconds for each in falls] == [grace - down for down in (0, 2, 4)]
    assert story.found[-1].status is DOWN


def test_a_unit_that_was_down_past_its_grace_is_up_once_it_has_lived_as_long() -> None:
    grace = RUNBOOK.units[UNIT].grace.value
    story = running().after(60).dies().after(grace + 10)
    began = BEGAN + timedelta(seconds=story.seconds)
    story.after(1).sees(UnitState.RUNNING, 12, since=began)
    assert story.found[-1].status is DOWN
    story.after(grace).sees(UnitState.RUNNING, 12, since=began)
    assert story.found[-1].status is Status.PASSED


def test_a_unit_that_lived_for_its_grace_gets_a_new_one() -> None:
    grace = RUNBOOK.units[UNIT].grace.value
    began = BEGAN + timedelta(seconds=61)
    story = running().after(60).dies().after(1).sees(UnitState.RUNNING, 11, since=began)
    story.after(grace).dies()
    assert [each.grace_seconds for each in story.found if each.status is DOWN] == [grace, grace]


def test_a_restart_between_two_looks_is_a_fall_and_a_rise() -> None:
    story = running().after(2).sees(UnitState.RUNNING, 11)
    assert story.told() == [UP, DOWN, UP]
    assert "its process 10 was replaced" in story.found[1].summary


def test_a_start_that_is_still_under_way_is_no_heal() -> None:
    story = running().dies().sees(UnitState.STARTING, 11).dies().sees(UnitState.STARTING, 12)
    assert story.told() == [UP, DOWN]
    assert story.sees(UnitState.RUNNING, 12).told() == [UP, DOWN, UP]


def test_a_unit_that_dies_while_it_starts_for_the_first_time_is_down() -> None:
    story = Story().sees(UnitState.STARTING, 10)
    assert story.told() == []
    assert story.dies().told() == [DOWN]


def test_the_managers_words_are_told_once_however_often_it_repeats_them() -> None:
    story = running().dies().sees(UnitState.RESTARTING, reason="Bad exit code 3")
    for process_id in range(20, 40):
        story.sees(UnitState.STARTING, process_id).dies()
        story.sees(UnitState.RESTARTING, reason="Exited too quickly")
    assert story.told() == [UP, DOWN, DOWN, DOWN]
    assert "Its manager says: Bad exit code 3." in story.found[2].summary
    assert "is down since 12:00:00 UTC" in story.found[3].summary


def test_a_unit_that_its_manager_gave_up_is_down_and_says_so() -> None:
    story = running().dies().sees(UnitState.FAILED, reason="can't find command 'x'")
    assert "its manager gave it up. Its manager says: can't find command 'x'." in (
        story.found[-1].summary
    )


def test_more_heals_than_allowed_are_an_alert_until_ten_calm_minutes_have_passed() -> None:
    story = running()
    for process_id in range(11, 15):
        assert story.told("unit_restarts") == []
        story.after(60).dies().after(1).sees(UnitState.RUNNING, process_id)
    assert story.told("unit_restarts") == [DOWN]
    assert story.found[-1].value == 4
    story.after(600).sees(UnitState.RUNNING, 14)
    assert story.told("unit_restarts") == [DOWN, UP]


def test_a_watch_that_has_just_begun_does_not_call_a_restless_unit_calm() -> None:
    story = running()
    assert story.after(599).sees(UnitState.RUNNING, 10).told("unit_restarts") == []
    assert story.after(1).sees(UnitState.RUNNING, 10).told("unit_restarts") == [UP]


def test_what_somebody_stops_and_starts_by_hand_is_no_heal() -> None:
    story = running()
    for process_id in range(11, 20):
        story.dies().sees(UnitState.STOPPED).after(1).sees(UnitState.RUNNING, process_id)
    assert "it is stopped" in story.found[2].summary
    assert story.told("unit_restarts") == []


def test_without_a_manager_a_death_is_not_called_a_stop_by_hand() -> None:
    story = running().dies().sees(UnitState.STOPPED, managed=False)
    assert story.told() == [UP, DOWN]
    first = Story().sees(UnitState.STOPPED, managed=False).found[0]
    assert "nobody is there to start it" in first.summary


def test_a_unit_whose_manager_goes_and_comes_is_the_same() -> None:
    story = running().sees(UnitState.UNMANAGED, 10, since=BEGAN + timedelta(milliseconds=3))
    assert story.sees(UnitState.RUNNING, 10).told() == [UP]


def test_a_watch_that_begins_late_knows_how_long_the_unit_has_been_running() -> None:
    running_for = Story().after(300).sees(UnitState.RUNNING, 10).life.running
    assert running_for is not None
    assert running_for.since_monotonic_seconds == 1000


def test_a_watcher_does_not_look_at_itself() -> None:
    clock = SystemClock()
    found: list[Finding] = []
    lives = Lives(clock, lambda: RUNBOOK, found.extend)
    own = UnitStatus("bigbrother-ops", UnitState.STOPPING, os.getpid())
    lives.seen([own, UnitStatus(UNIT, UnitState.RUNNING, 10, BEGAN)], managed=True)
    assert [each.labels for each in found] == [{"unit": UNIT}]
    assert lives.process_ids() == {10}


def test_only_a_manager_knows_more_than_whether_a_process_is_there() -> None:
    def told(*states: UnitState) -> bool | None:
        return told_by_manager([UnitStatus("any", state) for state in states])

    assert told(UnitState.STOPPED, UnitState.RUNNING) is True
    assert told(UnitState.STOPPED, UnitState.UNMANAGED) is False
    assert told(UnitState.STOPPED) is None


STEPS = st.lists(
    st.one_of(
        st.just(None),
        st.tuples(
            st.sampled_from(UnitState),
            st.one_of(st.none(), st.integers(1, 3)),
            st.sampled_from(["", "Bad exit code 1", "Exited too quickly"]),
        ),
    ),
    max_size=40,
)


@given(STEPS)
def test_whatever_is_seen_the_last_word_agrees_with_how_the_unit_is(
    steps: list[tuple[UnitState, int | None, str] | None],
) -> None:
    story = Story()
    for step in steps:
        story.after(0.1)
        if step is None:
            story.dies()
        else:
            story.sees(*step)
        told = story.told()
        assert story.life.is_down == (told[-1:] == [DOWN])
        assert not (story.life.is_down and story.life.running)
        # A rise is told once, after a fall or first of all.
        assert all(pair != (UP, UP) for pair in pairwise(told))
