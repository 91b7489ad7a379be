"""The watcher remembers what was due, through kills, jumps of the clock and edits."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bigbrother.operations.housekeeping.due_times import last_due, started, take_up
from bigbrother.operations.housekeeping.schedule import Due
from bigbrother.operations.store.store import Store
from tests.unit.operations.housekeeping.test_schedule import document

NOW = datetime(2030, 3, 1, 12, tzinfo=UTC)
NIGHTLY = document("30 2 * * *")
DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "ops.db")
    yield made
    made.close()


def look(store: Store, now: datetime) -> list[Due]:
    return store.write(lambda conn: take_up(conn, NIGHTLY, now))


def test_a_new_installation_waits_for_the_first_night(store: Store) -> None:
    assert look(store, NOW) == []
    (one,) = look(store, NOW + DAY)
    assert one.run_id == "housekeeping.work@2030-03-02T02:30:00Z"


def test_killed_before_it_was_started_it_is_due_again_as_the_same_run(store: Store) -> None:
    look(store, NOW)
    first, again = look(store, NOW + DAY), look(store, NOW + DAY)
    assert first == again
    store.write(lambda conn: started(conn, NIGHTLY, first[0]))
    assert look(store, NOW + DAY) == []


def test_a_clock_that_was_years_ahead_does_not_end_housekeeping(store: Store) -> None:
    look(store, NOW)
    (wrong,) = look(store, NOW + 3000 * DAY)
    store.write(lambda conn: started(conn, NIGHTLY, wrong))
    assert look(store, NOW) == []
    assert len(look(store, NOW + DAY)) == 1


def test_a_clock_that_is_set_back_a_little_makes_nothing_twice(store: Store) -> None:
    look(store, NOW)
    (one,) = look(store, NOW + DAY)
    store.write(lambda conn: started(conn, NIGHTLY, one))
    assert look(store, one.due_at - timedelta(minutes=30)) == []
    assert look(store, one.due_at + timedelta(minutes=1)) == []


def test_a_changed_schedule_is_due_at_its_next_moment_not_at_once(store: Store) -> None:
    look(store, NOW)
    earlier = document("0 11 * * *")
    assert store.write(lambda conn: take_up(conn, earlier, NOW + timedelta(hours=1))) == []
    (one,) = store.write(lambda conn: take_up(conn, earlier, NOW + DAY))
    assert one.due_at == datetime(2030, 3, 2, 11, tzinfo=UTC)
    assert store.read(last_due) == {"housekeeping.work": NOW + timedelta(hours=1)}


def test_what_the_document_no_longer_knows_is_not_written_down(store: Store) -> None:
    store.write(lambda conn: started(conn, NIGHTLY, Due("housekeeping.gone", NOW)))
    assert store.read(last_due) == {}
