"""When tasks are due, whatever the clock, the machine and the document do."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigbrother.operations.monitoring.schedule import Daily, Decision, Every, Plan, When, decide

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SIX = Daily(time(6), ZoneInfo("UTC"))
BERLIN = ZoneInfo("Europe/Berlin")


def decided(when: When, due_at: datetime, now: datetime) -> Decision:
    return decide(when, Plan(str(when), due_at), now, HOUR)


def test_a_task_with_an_interval_runs_at_once_when_it_is_new() -> None:
    assert decide(Every(MINUTE), None, NOON, HOUR) == Decision(True, NOON + MINUTE)


def test_a_new_daily_task_waits_for_its_time() -> None:
    assert decide(SIX, None, NOON, HOUR) == Decision(False, datetime(2026, 3, 5, 6, tzinfo=UTC))


def test_runs_keep_in_step_with_the_first_however_late_each_begins() -> None:
    late = NOON + timedelta(seconds=0.3)
    assert decided(Every(MINUTE), NOON, late) == Decision(True, NOON + MINUTE)


def test_a_task_that_was_due_many_times_while_the_watcher_was_away_runs_once() -> None:
    now = NOON + timedelta(minutes=30)
    assert decided(Every(MINUTE), NOON, now) == Decision(True, now + MINUTE)


def test_runs_that_never_were_are_counted_once_they_are_later_than_the_document_bears() -> None:
    assert decided(Every(MINUTE), NOON, NOON + 2 * HOUR).missed == 120
    assert decided(SIX, datetime(2026, 3, 4, 6, tzinfo=UTC), NOON).missed == 1


def test_a_daily_run_that_a_reboot_delayed_runs_after_it() -> None:
    six = datetime(2026, 3, 4, 6, tzinfo=UTC)
    decision = decided(SIX, six, six + 10 * MINUTE)
    assert decision == Decision(True, six + timedelta(days=1))


def test_a_daily_run_that_was_missed_for_two_days_runs_once() -> None:
    decision = decided(SIX, datetime(2026, 3, 2, 6, tzinfo=UTC), NOON)
    assert decision == Decision(True, datetime(2026, 3, 5, 6, tzinfo=UTC), missed=3)


def test_a_clock_that_was_set_back_stops_no_task() -> None:
    yesterday = NOON - timedelta(days=30)
    assert decided(Every(MINUTE), NOON, yesterday) == Decision(False, yesterday + MINUTE)
    assert decided(SIX, NOON, yesterday).due_at == SIX.next_after(yesterday)


def test_a_clock_that_is_corrected_by_minutes_does_not_repeat_the_daily_run() -> None:
    tomorrow = datetime(2026, 3, 5, 6, tzinfo=UTC)
    corrected = datetime(2026, 3, 4, 5, 58, tzinfo=UTC)
    assert decided(SIX, tomorrow, corrected) == Decision(False, tomorrow)


def test_a_shorter_interval_counts_at_once() -> None:
    plan = Plan(str(Every(HOUR)), NOON + HOUR)
    assert decide(Every(MINUTE), plan, NOON, HOUR) == Decision(False, NOON + MINUTE)


def test_another_time_of_day_counts_at_once() -> None:
    plan = Plan(str(SIX), SIX.next_after(NOON))
    evening = Daily(time(18), ZoneInfo("UTC"))
    assert decide(evening, plan, NOON, HOUR).due_at == datetime(2026, 3, 4, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "hour_utc"),
    [
        (datetime(2026, 3, 29, tzinfo=UTC), 1.5),  # 02:30 is left out: it is 03:30
        (datetime(2026, 10, 25, tzinfo=UTC), 0.5),  # 02:30 comes twice: the first
        (datetime(2026, 7, 1, tzinfo=UTC), 0.5),
        (datetime(2026, 12, 1, tzinfo=UTC), 1.5),
    ],
)
def test_a_daily_time_is_due_once_on_days_on_which_the_clock_is_moved(
    day: datetime, hour_utc: float
) -> None:
    half_past_two = Daily(time(2, 30), BERLIN)
    due = half_past_two.next_after(day)
    assert due == day + timedelta(hours=hour_utc)
    assert half_past_two.next_after(due) - due > timedelta(hours=22)


MOMENTS = st.integers(1_577_836_800, 1_893_456_000).map(
    lambda second: datetime.fromtimestamp(second, UTC)
)
SCHEDULES = st.sampled_from(
    [
        Every(timedelta(seconds=15)),
        Every(HOUR),
        SIX,
        Daily(time(2, 30), BERLIN),
        Daily(time(0), ZoneInfo("America/Sao_Paulo")),
    ]
)


@given(SCHEDULES, MOMENTS, MOMENTS)
def test_whatever_the_clock_does_the_next_run_lies_ahead_and_not_far(
    when: When, due_at: datetime, now: datetime
) -> None:
    ahead = decided(when, due_at, now).due_at - now
    longest = when.interval if isinstance(when, Every) else timedelta(days=1) + HOUR + HOUR
    assert timedelta(0) < ahead <= longest


@given(SCHEDULES, MOMENTS, st.lists(st.floats(0.1, 90_000), min_size=1, max_size=30))
def test_a_task_runs_once_for_each_time_that_passed_and_never_twice(
    when: When, now: datetime, steps: list[float]
) -> None:
    plan = None
    for step in steps:
        decision = decide(when, plan, now, HOUR)
        plan = Plan(str(when), decision.due_at)
        assert not decide(when, plan, now, HOUR).run
        now += timedelta(seconds=step)
        assert decide(when, plan, now, HOUR).run == (plan.due_at <= now)
