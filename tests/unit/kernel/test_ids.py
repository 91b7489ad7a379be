"""Identifiers sort by the time they were made and never repeat."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bigbrother.kernel.ids import new_id

MOMENTS = st.integers(1_000, 200_000_000_000_000).map(
    lambda milliseconds: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
)


@given(MOMENTS, st.timedeltas(min_value=timedelta(milliseconds=2), max_value=timedelta(days=9)))
def test_a_later_identifier_sorts_after_an_earlier_one(moment: datetime, later: timedelta) -> None:
    assert new_id(moment) < new_id(moment + later)


@given(MOMENTS)
def test_it_is_a_version_7_identifier(moment: datetime) -> None:
    made = new_id(moment)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")


def test_identifiers_of_one_instant_differ() -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    assert len({new_id(moment) for _ in range(10_000)}) == 10_000
