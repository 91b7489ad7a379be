"""Readings over time: what is asked for is what was written, whatever came between."""

import math
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bigbrother.operations.monitoring.errors import ReadingSpanInvalid, ReadingUnknown
from bigbrother.operations.monitoring.readings.points import fresh_rollups, pack_hour, record
from bigbrother.operations.monitoring.readings.query import latest, query
from bigbrother.operations.monitoring.readings.retention import purge
from bigbrother.operations.monitoring.readings.rollup import RESOLUTIONS_SECONDS
from bigbrother.operations.monitoring.readings.series import Reading, all_series
from bigbrother.operations.store.migrations import migrate
from bigbrother.runbook.load import load_runbook

START = datetime(2026, 11, 22, tzinfo=UTC)
WEEK = timedelta(days=7)
RETENTION = load_runbook().retention


def connection() -> sqlite3.Connection:
    conn = sqlite3.connect(":memory:", isolation_level=None)
    conn.row_factory = sqlite3.Row
    migrate(conn)
    return conn


@pytest.fixture
def conn() -> Iterator[sqlite3.Connection]:
    made = connection()
    yield made
    made.close()


def write(conn: sqlite3.Connection, seconds: float, value: float, **labels: str) -> None:
    at = START + timedelta(seconds=seconds)
    record(conn, [Reading("cpu_usage", at, value, "ratio", labels)], at, WEEK)


def pack_all(conn: sqlite3.Connection, now: datetime) -> None:
    while pack_hour(conn, now):
        continue


POINTS = st.lists(
    st.tuples(
        st.integers(0, 3 * 86400).map(lambda second: second - second % 97),
        st.integers(-10_000, 10_000).map(lambda value: value / 1000),
        st.booleans(),
    ),
    min_size=1,
    max_size=60,
)


@settings(max_examples=60)
@given(POINTS)
def test_rollups_are_what_a_direct_computation_gives(
    points: list[tuple[int, float, bool]],
) -> None:
    """Points come late, twice, out of order, and are packed at any time."""
    conn = connection()
    direct: dict[int, float] = {}
    for second, value, packed_now in points:
        write(conn, second, value)
        direct[second] = value
        if packed_now:
            pack_all(conn, START + timedelta(seconds=second))
    (series,) = all_series(conn)
    start = int(START.timestamp())
    for resolution in RESOLUTIONS_SECONDS:
        expected: dict[int, list[float]] = {}
        for second, value in direct.items():
            begin = (start + second) // resolution * resolution * 1000
            expected.setdefault(begin, []).append(value)
        found = fresh_rollups(conn, series.id, resolution, start, start + 4 * 86400)
        assert set(found) == set(expected)
        for begin, values in expected.items():
            rollup = found[begin]
            assert (rollup.count, rollup.least, rollup.greatest) == (
                len(values),
                min(values),
                max(values),
            )
            assert math.isclose(rollup.total, sum(values), rel_tol=1e-8, abs_tol=1e-8)
    conn.close()


def test_packing_twice_changes_nothing(conn: sqlite3.Connection) -> None:
    for second in range(0, 7200, 15):
        write(conn, second, second / 7200)
    pack_all(conn, START + timedelta(hours=2))
    once = conn.execute("SELECT * FROM chunk").fetchall()
    write(conn, 15, 15 / 7200)
    pack_all(conn, START + timedelta(hours=2))
    assert [tuple(row) for row in conn.execute("SELECT * FROM chunk")] == [tuple(r) for r in once]
    assert conn.execute("SELECT count(*) FROM point").fetchone()[0] == 0


def test_points_of_a_future_that_the_clock_took_back_are_kept(conn: sqlite3.Connection) -> None:
    write(conn, 86400, 0.9)
    write(conn, 0, 0.1)
    pack_all(conn, START)
    lines = query(conn, "cpu_usage", {}, START, START + timedelta(days=2), 1000)
    assert [bucket.mean for bucket in lines[0].buckets] == [0.1, 0.9]


def test_a_figure_that_is_none_is_not_kept(conn: sqlite3.Connection) -> None:
    write(conn, 0, math.nan)
    write(conn, 0, math.inf)
    assert conn.execute("SELECT count(*) FROM point").fetchone()[0] == 0


def test_a_point_older_than_points_are_kept_is_not_taken(conn: sqlite3.Connection) -> None:
    old = Reading("cpu_usage", START - timedelta(days=8), 0.5)
    record(conn, [old], START, WEEK)
    assert conn.execute("SELECT count(*) FROM point").fetchone()[0] == 0


def test_each_resolution_is_kept_as_long_as_the_document_says(conn: sqlite3.Connection) -> None:
    days = (0, 25, 100, 400, 900)
    for day in days:
        write(conn, day * 86400, 0.5)
        pack_all(conn, START + timedelta(days=day + 1))
    now = START + timedelta(days=903)
    purge(conn, RETENTION, now)
    (series,) = all_series(conn)
    begin, end = int(START.timestamp()), int(now.timestamp())

    def kept(resolution: int) -> list[int]:
        found = fresh_rollups(conn, series.id, resolution, begin, end)
        return [(at // 1000 - begin) // 86400 for at in sorted(found)]

    raw = conn.execute("SELECT count(*) FROM chunk WHERE resolution = 0").fetchone()[0]
    assert raw == 1
    assert kept(300) == [900]
    assert kept(3600) == [900]
    assert kept(86400) == [400, 900]


def test_a_series_without_any_point_left_is_forgotten(conn: sqlite3.Connection) -> None:
    write(conn, 0, 0.5)
    pack_all(conn, START + timedelta(days=1))
    purge(conn, RETENTION, START + timedelta(days=3000))
    assert all_series(conn) == ()


def test_a_short_time_is_answered_with_points_as_they_came(conn: sqlite3.Connection) -> None:
    for second in range(0, 3600, 15):
        write(conn, second, second / 3600)
    (line,) = query(conn, "cpu_usage", {}, START, START + timedelta(hours=1), 500)
    assert line.resolution_seconds == 0
    assert len(line.buckets) == 240


def test_a_long_time_is_answered_with_rollups_and_few_buckets(conn: sqlite3.Connection) -> None:
    for hour in range(24 * 20):
        write(conn, hour * 3600, hour)
    now = START + timedelta(days=20)
    pack_all(conn, now)
    purge(conn, RETENTION, now)
    (line,) = query(conn, "cpu_usage", {}, START, now, 40)
    assert line.resolution_seconds == 3600
    assert len(line.buckets) <= 41
    assert (line.buckets[0].least, line.buckets[-1].greatest) == (0, 479)


def test_what_is_only_left_as_rollups_is_answered_from_them(conn: sqlite3.Connection) -> None:
    for hour in range(24 * 20):
        write(conn, hour * 3600, hour)
    now = START + timedelta(days=20)
    pack_all(conn, now)
    purge(conn, RETENTION, now)
    (line,) = query(conn, "cpu_usage", {}, START, START + timedelta(hours=2), 500)
    assert [bucket.mean for bucket in line.buckets] == [0, 1]


def test_series_are_chosen_by_their_labels(conn: sqlite3.Connection) -> None:
    write(conn, 0, 0.1, mount="/")
    write(conn, 0, 0.2, mount="/data")
    until = START + timedelta(hours=1)
    assert len(query(conn, "cpu_usage", {}, START, until, 10)) == 2
    (line,) = query(conn, "cpu_usage", {"mount": "/data"}, START, until, 10)
    assert line.buckets[0].mean == 0.2
    with pytest.raises(ReadingUnknown, match="mount=/data"):
        query(conn, "cpu_usage", {"mount": "/x"}, START, until, 10)


def test_a_misspelt_name_is_answered_with_the_right_one(conn: sqlite3.Connection) -> None:
    write(conn, 0, 0.1)
    with pytest.raises(ReadingUnknown, match="Did you mean cpu_usage"):
        query(conn, "cpu_usge", {}, START, START + timedelta(hours=1), 10)


def test_a_time_that_ends_before_it_begins_is_refused(conn: sqlite3.Connection) -> None:
    with pytest.raises(ReadingSpanInvalid):
        query(conn, "cpu_usage", {}, START, START, 10)


def test_the_newest_point_is_found_packed_or_not(conn: sqlite3.Connection) -> None:
    write(conn, 0, 0.1)
    write(conn, 60, 0.2)
    (series,) = all_series(conn)
    for _ in range(2):
        newest = latest(conn, series)
        assert newest is not None
        assert (newest.at, newest.mean) == (START + timedelta(seconds=60), 0.2)
        pack_all(conn, START + timedelta(days=1))
