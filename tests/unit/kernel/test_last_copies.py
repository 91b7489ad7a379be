"""Whatever goes, one good copy of each thing stays."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bigbrother.kernel.last_copies import Copy, spare

BEGIN = datetime(2030, 1, 1, tzinfo=UTC)
COPIES = st.lists(
    st.builds(
        lambda number, of, hour, good: Copy(number, of, BEGIN + timedelta(hours=hour), good),
        st.integers(),
        st.sampled_from("abc"),
        st.integers(0, 5),
        st.booleans(),
    ),
    max_size=30,
)


@given(COPIES)
def test_of_each_thing_the_newest_stays_and_the_newest_good(copies: list[Copy[int]]) -> None:
    left = list(copies)
    for gone in spare(copies):
        left.remove(gone)
    for of in {copy.of for copy in copies}:
        before = [copy for copy in copies if copy.of == of]
        after = [copy for copy in left if copy.of == of]
        assert max(copy.at for copy in after) == max(copy.at for copy in before)
        good_before = [copy.at for copy in before if copy.good]
        good_after = [copy.at for copy in after if copy.good]
        assert max(good_after, default=None) == max(good_before, default=None)
        assert len(after) <= 2


@given(COPIES)
def test_what_is_left_has_nothing_to_spare(copies: list[Copy[int]]) -> None:
    left = list(copies)
    for gone in spare(copies):
        left.remove(gone)
    assert spare(left) == ()


@given(COPIES)
def test_the_oldest_goes_first(copies: list[Copy[int]]) -> None:
    moments = [copy.at for copy in spare(copies)]
    assert moments == sorted(moments)


def test_a_bad_copy_that_is_newer_does_not_stand_for_a_good_one() -> None:
    good = Copy("good", "a", BEGIN)
    bad = [Copy("bad", "a", BEGIN + timedelta(hours=hour), good=False) for hour in (1, 2)]
    assert spare([*bad, good]) == (bad[0],)
