"""Hours and due times are right on every wall clock, whatever is done to it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bigbrother.kernel.errors import InvalidInput
from bigbrother.kernel.schedule import Schedule, parse_cron, parse_schedule

NEW_YORK, LORD_HOWE = ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")
SAO_PAULO, UTC_ZONE = ZoneInfo("America/Sao_Paulo"), ZoneInfo("UTC")
ZONES = (NEW_YORK, LORD_HOWE, SAO_PAULO, ZoneInfo("Europe/Berlin"), ZoneInfo("Antarctica/Troll"))
MINUTE = timedelta(minutes=1)
# Days near which clocks are moved, in one zone or another; and an ordinary one.
EVENTFUL: tuple[date, ...] = (
    date(2026, 3, 8),
    date(2026, 3, 29),
    date(2026, 4, 5),
    date(2026, 10, 4),
)
EVENTFUL += (date(2026, 10, 25), date(2026, 11, 1), date(2018, 2, 18), date(2018, 11, 4))
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def open_minutes(schedule: Schedule, zone: ZoneInfo, first: datetime, hours: int) -> list[bool]:
    """Minute by minute, by looking at the clock: a shift lasts from the first minute that shows a
    time of it to the last one."""
    looked = [first + n * MINUTE for n in range(-50 * 60, (hours + 50) * 60)]
    walls = [moment.astimezone(zone).replace(tzinfo=None) for moment in looked]
    is_open = [False] * len(looked)
    for span in schedule.spans:
        begin_days = {walls[0].date() + timedelta(days=n) for n in range(-3, len(looked) // 1440)}
        for day in begin_days:
            if day.weekday() not in span.days:
                continue
            midnight = datetime.combine(day, datetime.min.time())
            opens = midnight + span.opens_minutes * MINUTE
            closes = midnight + span.closes_minutes * MINUTE
            showing = [n for n, wall in enumerate(walls) if opens <= wall < closes]
            for n in range(min(showing, default=0), max(showing, default=-1) + 1):
                is_open[n] = True
    return is_open[50 * 60 : (hours + 50) * 60]


spans_text = st.builds(
    lambda first, last, opens, length: (
        f"{first}-{last} {opens // 60:02}:{opens % 60:02}"
        f"-{(opens + length) // 60 % 24:02}:{(opens + length) % 60:02}"
    ),
    st.sampled_from(DAYS),
    st.sampled_from(DAYS),
    st.integers(0, 95).map(lambda quarter: quarter * 15),
    st.integers(1, 95).map(lambda quarter: quarter * 15),
)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(spans_text, min_size=1, max_size=2),
    st.sampled_from(ZONES),
    st.sampled_from(EVENTFUL),
)
def test_hours_are_what_looking_at_the_clock_every_minute_says(
    spans: list[str], zone: ZoneInfo, day: date
) -> None:
    schedule = parse_schedule(", ".join(spans))
    first = datetime.combine(day - timedelta(days=1), datetime.min.time(), UTC)
    by_eye = open_minutes(schedule, zone, first, 60)
    asked = [schedule.is_open(first + n * MINUTE, zone) for n in range(len(by_eye))]
    assert asked == by_eye
    changes = {first + n * MINUTE for n in range(1, len(asked)) if asked[n] != asked[n - 1]}
    found, at = set(), first
    while (change := schedule.next_change(at, zone)) and change < first + len(asked) * MINUTE:
        found.add(change)
        at = change
    assert found == changes


def test_a_shift_over_midnight_ends_on_the_day_after() -> None:
    nights = parse_schedule("mon-fri 22:00-06:00")
    assert nights.is_open(utc("2026-11-28 05:59"), UTC_ZONE)  # Saturday, Friday's shift
    assert not nights.is_open(utc("2026-11-28 06:00"), UTC_ZONE)
    assert not nights.is_open(utc("2026-11-30 05:00"), UTC_ZONE)  # Monday, after a free Sunday
    assert nights.next_change(utc("2026-11-28 05:00"), UTC_ZONE) == utc("2026-11-28 06:00")
    assert nights.next_change(utc("2026-11-28 07:00"), UTC_ZONE) == utc("2026-11-30 22:00")


def test_shifts_around_the_clock_never_change() -> None:
    for text in (
        "24/7",
        "mon-sun 00:00-12:00, mon-sun 12:00-24:00",
        "mon-sun 06:00-05:00, mon-sun 04:00-08:00",
    ):
        schedule = parse_schedule(text)
        assert schedule.is_open(utc("2026-11-01 05:30"), NEW_YORK)
        assert schedule.next_change(utc("2026-11-01 05:30"), NEW_YORK) is None


def test_an_opening_that_the_clock_leaves_out_is_when_the_clock_is_moved() -> None:
    schedule = parse_schedule("sun 02:30-10:00")  # 8 March: 02:00 is followed by 03:00
    assert schedule.next_change(utc("2026-03-08 00:00"), NEW_YORK) == utc("2026-03-08 07:00")


def test_a_shift_that_the_clock_leaves_out_comes_a_week_later() -> None:
    schedule = parse_schedule("sun 02:10-02:40")
    assert schedule.next_change(utc("2026-03-08 00:00"), NEW_YORK) == utc("2026-03-15 06:10")


def test_a_shift_in_the_repeated_hour_is_not_torn() -> None:
    schedule = parse_schedule("sun 01:15-01:45")  # 1 November: 01:00 to 02:00 comes twice
    opens = schedule.next_change(utc("2026-11-01 00:00"), NEW_YORK)
    assert opens == utc("2026-11-01 05:15")
    assert schedule.next_change(opens, NEW_YORK) == utc("2026-11-01 06:45")


def test_a_shift_that_ends_where_the_repeated_hour_begins_is_not_drawn_out() -> None:
    schedule = parse_schedule("sat 01:15-01:00")
    assert schedule.next_change(utc("2026-11-01 00:00"), NEW_YORK) == utc("2026-11-01 05:00")


def test_a_clock_that_is_moved_by_half_an_hour_is_followed() -> None:
    schedule = parse_schedule("sun 02:15-09:00")  # 4 October: 02:00 is followed by 02:30
    assert schedule.next_change(utc("2026-10-03 12:00"), LORD_HOWE) == utc("2026-10-03 15:30")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9x5",
        "mon 09:00",
        "mon 09:00-09:00",
        "xyz 09:00-10:00",
        "mon 24:00-06:00",
        "mon 09:00-25:00",
        "mon 09:60-10:00",
        "mon-fri 09:00-17:00,",
    ],
)
def test_what_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not a schedule"):
        parse_schedule(text)


def test_a_run_at_a_time_that_the_clock_leaves_out_comes_once() -> None:
    cron = parse_cron("30 2 * * *")
    missing = cron.next_after(utc("2026-03-08 00:00"), NEW_YORK)
    assert missing == utc("2026-03-08 07:00")
    assert cron.next_after(missing, NEW_YORK) == utc("2026-03-09 06:30")


def test_a_run_in_the_repeated_hour_comes_once() -> None:
    cron = parse_cron("30 1 * * *")
    once = cron.next_after(utc("2026-11-01 00:00"), NEW_YORK)
    assert once == utc("2026-11-01 05:30")
    assert cron.next_after(once, NEW_YORK) == utc("2026-11-02 06:30")


def test_what_runs_every_hour_also_runs_in_the_repeated_one() -> None:
    cron, at, runs = parse_cron("30 * * * *"), utc("2026-11-01 04:00"), []
    for _ in range(4):
        at = cron.next_after(at, NEW_YORK)
        runs.append(f"{at:%H:%M}")
    assert runs == ["04:30", "05:30", "06:30", "07:30"]


# Each with what it means, written down a second time.
CRONS: dict[str, Callable[[datetime], bool]] = {
    "30 1 * * *": lambda wall: (wall.hour, wall.minute) == (1, 30),
    "30 2 * * *": lambda wall: (wall.hour, wall.minute) == (2, 30),
    "*/20 * * * *": lambda wall: wall.minute in (0, 20, 40),
    "15 * * * *": lambda wall: wall.minute == 15,
    "0 0 * * 0": lambda wall: (wall.hour, wall.minute, wall.weekday()) == (0, 0, 6),
    "5,45 1-2 * * *": lambda wall: wall.hour in (1, 2) and wall.minute in (5, 45),
    "10 * * * sun": lambda wall: (wall.minute, wall.weekday()) == (10, 6),
    "0 3 8 * *": lambda wall: (wall.day, wall.hour, wall.minute) == (8, 3, 0),
}


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(CRONS)),
    st.sampled_from(ZONES),
    st.sampled_from(EVENTFUL),
)
def test_runs_are_what_looking_at_the_clock_every_minute_says(
    text: str, zone: ZoneInfo, day: date
) -> None:
    cron, hourly = parse_cron(text), text.split()[1] == "*"
    first = datetime.combine(day - timedelta(days=1), datetime.min.time(), UTC)
    moments = [first + n * MINUTE for n in range(60 * 60)]
    due, shown = [], first.astimezone(zone).replace(tzinfo=None) - MINUTE
    for moment in moments:
        wall = moment.astimezone(zone).replace(tzinfo=None)
        new = [shown + n * MINUTE for n in range(1, 1 + int((wall - shown) / MINUTE))]
        looked = [wall] if hourly else new
        if any(CRONS[text](each) for each in looked):
            due.append(moment)
        shown = max(shown, wall)
    found, at = [], first - MINUTE
    while (at := cron.next_after(at, zone)) <= moments[-1]:
        found.append(at)
    assert found[1:] == due[1:]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "* * * *",
        "60 * * * *",
        "0 6 * * * *",
        "R R * * *",
        "h h * * *",
        "0 0 30 2 *",
        "@daily",
        "0 6 * * *; rm",
        "a b c d e",
    ],
)
def test_what_is_no_cron_expression_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="five fields"):
        parse_cron(text)
