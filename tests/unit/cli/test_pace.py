"""The pace of a batch, and how long it will still take: honest where it cannot be known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigbrother.entrypoints.cli.batch.pace import Count, Pace, pace, shown_pace, shown_span, telling

steps = st.lists(st.tuples(st.floats(0.01, 20), st.integers(-50, 50)), max_size=60)


def counts(drawn: list[tuple[float, int]]) -> list[Count]:
    seconds, done, made = 0.0, 100, []
    for later, more in drawn:
        seconds, done = seconds + later, max(0, done + more)
        made.append(Count(seconds, done))
    return made


@given(steps, st.integers(0, 10**6))
def test_it_is_never_negative_and_unknown_only_with_a_reason(
    drawn: list[tuple[float, int]], pending: int
) -> None:
    now = pace(counts(drawn), pending)
    assert now.images_per_second is None or now.images_per_second >= 0
    if pending == 0:
        assert now.remaining_seconds == 0
    elif not now.images_per_second:
        assert now.remaining_seconds is None
    else:
        assert now.remaining_seconds == pending / now.images_per_second


@given(st.floats(0.1, 5), st.integers(1, 40), st.integers(3, 200), st.integers(1, 10**6))
def test_a_steady_pace_is_told_as_it_is(
    every_seconds: float, images: int, looks: int, pending: int
) -> None:
    seen = [Count(look * every_seconds, look * images) for look in range(looks)]
    now = pace(seen, pending)
    if (looks - 1) * every_seconds < 1:
        assert now == Pace(None, None)
    else:
        assert now.images_per_second == pytest.approx(images / every_seconds)
        assert now.remaining_seconds == pytest.approx(pending * every_seconds / images)


@given(steps, st.integers(0, 1000))
def test_what_no_longer_tells_may_be_thrown_away(
    drawn: list[tuple[float, int]], pending: int
) -> None:
    kept: list[Count] = []
    for count in counts(drawn):
        kept = list(telling([*kept, count]))
    assert pace(kept, pending) == pace(counts(drawn), pending)


@given(steps, st.integers(1, 1000), st.integers(1, 1000))
def test_more_images_never_take_less_time(
    drawn: list[tuple[float, int]], pending: int, more: int
) -> None:
    sooner = pace(counts(drawn), pending).remaining_seconds
    later = pace(counts(drawn), pending + more).remaining_seconds
    assert (sooner is None) == (later is None)
    assert sooner is None or later is None or sooner <= later


def test_nothing_is_known_of_a_batch_that_just_began() -> None:
    assert pace([], 10) == Pace(None, None)
    assert pace([Count(0, 0), Count(0.2, 5)], 10) == Pace(None, None)


def test_a_batch_that_stands_still_has_no_end_in_sight() -> None:
    seen = [Count(0, 0), Count(1, 50), *(Count(second, 50) for second in range(2, 60))]
    assert pace(seen, 10) == Pace(0.0, None)


def test_a_retry_begins_anew() -> None:
    seen = [Count(0, 0), Count(10, 1000), Count(11, 900), Count(13, 904)]
    assert pace(seen, 8) == Pace(2.0, 4.0)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.4, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (3725, "1 h 2 min"),
        (90_000, "25 h 0 min"),
    ],
)
def test_a_span_is_told_in_two_units(seconds: float, shown: str) -> None:
    assert shown_span(seconds) == shown


def test_an_unknown_end_is_called_so() -> None:
    assert shown_pace(Pace(None, None)) == "time left unknown"
    assert shown_pace(Pace(31.25, 125)) == "31.2 images/s, 2 min 5 s left"
