"""Whether a figure grew is told by the watcher's own readings."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigbrother.operations.diagnostics.trends import Trend, trend_of, trends
from bigbrother.operations.monitoring.readings.points import record
from bigbrother.operations.monitoring.readings.series import Reading
from bigbrother.operations.store.migrations import migrate
from bigbrother.runbook.load import load_runbook

RUNBOOK = load_runbook()
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
OVER = RUNBOOK.watching.over.duration
FIGURES = st.floats(0, 1e9, allow_nan=False)


@pytest.fixture
def conn() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:", isolation_level=None)
    made.row_factory = sqlite3.Row
    migrate(made)
    yield made
    made.close()


def write(conn: sqlite3.Connection, name: str, before: timedelta, value: float, **at: str) -> None:
    reading = Reading(name, NOW - before, value, "count", at)
    record(conn, [reading], NOW, timedelta(days=7))


def grow(conn: sqlite3.Connection, name: str, values: list[float], **labels: str) -> None:
    """Evenly over the time that is looked at."""
    for index, value in enumerate(values):
        write(conn, name, OVER * (1 - (index + 0.5) / len(values)), value, **labels)


def test_a_queue_that_grows_increases_and_one_that_stands_does_not(
    conn: sqlite3.Connection,
) -> None:
    grow(conn, "queue_size", [10, 12, 40, 60, 80, 100])
    found = trends(conn, RUNBOOK, NOW)["queue_size"]
    assert (found.first, found.last, found.unit) == (11, 90, "count")
    assert found.rises(0.2)


def test_of_several_mounts_the_one_that_grew_most_counts(conn: sqlite3.Connection) -> None:
    grow(conn, "disk_space", [0.5, 0.5, 0.5], mount="/")
    grow(conn, "disk_space", [0.1, 0.5, 0.9], mount="/data")
    assert trends(conn, RUNBOOK, NOW)["disk_space"].last == pytest.approx(0.9)


def test_what_nobody_read_lately_has_no_trend(conn: sqlite3.Connection) -> None:
    assert trends(conn, RUNBOOK, NOW) == {}
    write(conn, "queue_size", OVER * 3, 5)
    write(conn, "queue_size", OVER * 2, 50)
    assert trends(conn, RUNBOOK, NOW) == {}


@given(st.lists(FIGURES, max_size=2))
def test_two_figures_are_no_trend(values: list[float]) -> None:
    assert trend_of(values, "x") is None


@given(FIGURES, st.integers(3, 20), st.floats(0, 1))
def test_a_figure_that_stands_does_not_rise(value: float, count: int, share: float) -> None:
    found = trend_of([value] * count, "x")
    assert found is not None
    assert not Trend("x", value, value).rises(share)


def test_from_nothing_to_something_is_growth() -> None:
    assert Trend("x", 0, 3).rises(0.2)
    assert not Trend("x", 3, 0).rises(0.2)
