"""When housekeeping is due, through absences, clocks that are moved and edits of the document."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bigbrother.kernel.schedule import parse_cron
from bigbrother.operations.housekeeping.schedule import Due, due, next_due, schedules
from bigbrother.runbook.load import load_runbook
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.sections.procedures import HousekeepingTask

CRONS = ("* * * * *", "*/7 * * * *", "30 2 * * *", "0 3 * * sun", "15 1 1 * *", "0 0-22 * * *")
ZONES = ("UTC", "America/New_York", "Europe/Berlin")
BEGIN = datetime(2030, 3, 1, tzinfo=UTC)


def document(cron: str, zone: str = "UTC") -> Runbook:
    """With this one task, `housekeeping.work`."""
    task = HousekeepingTask.model_validate(
        {"steps": ["purge_logs"], "cron": cron, "time_zone": zone}
    )
    return load_runbook().model_copy(update={"housekeeping": {"work": task}})


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(CRONS),
    st.sampled_from(ZONES),
    st.integers(0, 60 * 24 * 300),
    st.integers(0, 60 * 24 * 40),
)
def test_it_is_due_once_however_often_it_was_missed(
    cron: str, zone: str, begins: int, away: int
) -> None:
    runbook = document(cron, zone)
    last = BEGIN + timedelta(minutes=begins)
    now = last + timedelta(minutes=away)
    found = due(runbook, {"housekeeping.work": last}, now)
    first = parse_cron(cron).next_after(last, ZoneInfo(zone))
    if first > now:
        assert found == []
        assert next_due(runbook, {"housekeeping.work": last}, now) == first
        return
    (one,) = found
    assert last < one.due_at <= now
    assert parse_cron(cron).next_after(one.due_at, ZoneInfo(zone)) > now
    assert due(runbook, {"housekeeping.work": one.due_at}, now) == []
    assert next_due(runbook, {"housekeeping.work": last}, now) == now


def test_what_nobody_knows_of_yet_waits() -> None:
    assert due(document("* * * * *"), {}, BEGIN) == []


def test_the_same_moment_has_the_same_run_whoever_asks() -> None:
    runbook, last = document("30 2 * * *"), {"housekeeping.work": BEGIN}
    asked = {
        each.run_id
        for minutes in (151, 152, 600)
        for each in due(runbook, last, BEGIN + timedelta(minutes=minutes))
    }
    assert asked == {"housekeeping.work@2030-03-01T02:30:00Z"}


@pytest.mark.parametrize(
    ("day", "moments"),
    [
        # The clock is moved from 2 to 3: what it leaves out is due then.
        (datetime(2030, 3, 10, tzinfo=UTC), ["2030-03-10T07:00:00Z"]),
        # It is moved from 2 to 1: what it repeats is due once.
        (datetime(2030, 11, 3, tzinfo=UTC), ["2030-11-03T05:30:00Z"]),
    ],
)
def test_a_clock_that_is_moved_loses_no_run_and_makes_none_twice(
    day: datetime, moments: list[str]
) -> None:
    cron = "30 2 * * *" if day.month == 3 else "30 1 * * *"
    runbook = document(cron, "America/New_York")
    last, seen = day, []
    for minutes in range(0, 24 * 60, 5):
        for each in due(runbook, {"housekeeping.work": last}, day + timedelta(minutes=minutes)):
            seen.append(each.run_id.partition("@")[2])
            last = each.due_at
    assert seen == moments


def test_several_are_run_in_the_order_in_which_they_were_due() -> None:
    runbook = load_runbook()
    last = dict.fromkeys(schedules(runbook), BEGIN)
    found = due(runbook, last, BEGIN + timedelta(days=8))
    assert {each.procedure for each in found} == set(last)
    assert found == sorted(found, key=lambda each: each.due_at)


def test_a_year_of_absence_is_no_year_of_counting() -> None:
    found = due(
        document("* 0-22 * * *"),
        {"housekeeping.work": BEGIN},
        datetime(2031, 6, 1, 23, 30, tzinfo=UTC),
    )
    assert found == [Due("housekeeping.work", datetime(2031, 6, 1, 22, 59, tzinfo=UTC))]
