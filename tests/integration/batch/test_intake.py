"""A batch is stored whole, sealed and queued; or nothing of it is there."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from bigbrother.face.batch import batches, endings, statistics
from bigbrother.face.batch.endings import Ending
from bigbrother.face.batch.errors import (
    BatchEmpty,
    BatchNotFound,
    BatchNothingToRetry,
    BatchQueueFull,
    BatchTooLarge,
    BatchTooManyItems,
)
from bigbrother.face.batch.records import Batch, NewItem, Refusal
from bigbrother.face.gallery.errors import CollectionNotFound
from bigbrother.kernel.errors import BigBrotherError
from bigbrother.kernel.quantity import Quantity
from tests.conftest import Database
from tests.integration.batch.intake import (
    CLIENT,
    JOBS,
    PICTURE,
    RUNBOOK,
    TABLES,
    Connection,
    another_client,
    count,
    queued,
    some_items,
    submit,
)
from tests.integration.gallery.people import NOW, new_collection

REFUSED = Refusal("image-empty", "Image is empty", "There is nothing.", "Send it.")
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def conn(database: Database) -> Iterator[Connection]:
    """A connection with the service's rights, as the face unit has it."""
    dsn = f"{database.face_dsn} options='-c search_path=public,queue -c lock_timeout=5s'"
    with psycopg.connect(dsn) as connection:
        yield connection


class Breaking:
    """Images of which one ends the connection to the database."""

    def __init__(self, conn: Connection, items: int, at: int) -> None:
        self._conn, self._items, self._at = conn, items, at

    def __len__(self) -> int:
        return self._items

    def __iter__(self) -> Iterator[NewItem]:
        for number, item in enumerate(some_items(self._items)):
            if number == self._at:
                self._conn.close()
            yield item


@pytest.mark.parametrize("at", [0, 1500, 2499])
def test_a_connection_that_breaks_leaves_nothing(
    database: Database, conn: Connection, at: int
) -> None:
    with psycopg.connect(database.face_dsn) as other:
        other.execute("SET search_path = public, queue")
        with pytest.raises(psycopg.OperationalError):
            submit(other, Breaking(other, 2500, at))
    assert [count(conn, table) for table in (*TABLES, JOBS)] == [0] * 6


def test_nothing_of_a_batch_lies_open_in_the_database(database: Database, conn: Connection) -> None:
    new_collection(conn)
    items = [NewItem("Ana-Souza/holiday.png", PICTURE, "Ana-Souza", "Ana de Souza")]
    submit(conn, items, kind="enrol", collection="staff")
    with psycopg.connect(database.superuser_dsn) as superuser:
        for table in (*TABLES, JOBS):
            text = str(superuser.execute(f"SELECT t::text FROM {table} t").fetchall())  # noqa: S608
            for secret in (b"Ana", b"Souza", PICTURE[:40]):
                assert secret.hex() not in text
                assert str(secret)[2:-1] not in text


def test_items_refused_already_end_at_once_and_the_others_wait(conn: Connection) -> None:
    items = some_items(20)
    items[3] = NewItem("bad.png", REFUSED)
    made = submit(conn, items, chunk=8)
    assert (made.state, made.counts.failed, made.counts.pending) == ("running", 1, 19)
    assert made.last_position == 1
    assert queued(conn) == [(made.id, 1), (made.id, 2), (made.id, 3)]
    chunks = conn.execute(
        "SELECT chunk, count(*) FROM batch_item WHERE state = 'pending' GROUP BY 1 ORDER BY 1"
    ).fetchall()
    assert chunks == [(1, 8), (2, 8), (3, 3)]
    assert count(conn, "batch_image") == 19


def test_a_batch_of_refused_items_only_is_finished_and_told(conn: Connection) -> None:
    items = [NewItem("bad.png", REFUSED)] * 2500
    made = submit(conn, items, webhook_url="https://example.org/end")
    assert (made.state, made.counts.failed, made.finished_at) == ("finished", 2500, NOW)
    assert queued(conn) == []
    assert count(conn, JOBS) == 1


def test_an_enrolment_without_a_subject_fails_alone(conn: Connection) -> None:
    new_collection(conn)
    items = [
        NewItem("a.png", PICTURE),
        NewItem("b.png", PICTURE, "no/slash"),
        NewItem("c.png", PICTURE, "ana"),
    ]
    made = submit(conn, items, kind="enrol", collection="staff")
    assert (made.counts.failed, made.counts.pending) == (2, 1)


def test_sizes_out_of_bounds_are_refused(conn: Connection) -> None:
    small = RUNBOOK.batch.model_copy(
        update={"items": 5, "waiting_items": 8, "size": Quantity(300, "size", "300 B")}
    )
    refused: list[tuple[int, type[BigBrotherError]]] = [(0, BatchEmpty), (6, BatchTooManyItems)]
    for size, error in refused:
        with pytest.raises(error):
            submit(conn, some_items(size), figures=small)
        conn.rollback()
    with pytest.raises(BatchTooLarge):
        submit(conn, some_items(5), figures=small)
    conn.rollback()
    wide = small.model_copy(update={"size": RUNBOOK.batch.size})
    submit(conn, some_items(5), figures=wide)
    with pytest.raises(BatchQueueFull):
        submit(conn, some_items(5), figures=wide)
    conn.rollback()
    with pytest.raises(CollectionNotFound):
        submit(conn, some_items(1), kind="identify", collection="nowhere", figures=wide)


def test_a_small_batch_of_another_client_goes_next(conn: Connection) -> None:
    large = submit(conn, some_items(200), chunk=10)
    conn.execute("DELETE FROM batch_chunk WHERE chunk <= 5")
    conn.execute(f"DELETE FROM {JOBS} WHERE (args->>'chunk')::int <= 5")  # noqa: S608
    small = submit(conn, some_items(10), client=another_client())
    urgent = submit(conn, some_items(10), client=another_client(), priority="high")
    low = submit(conn, some_items(10), client=another_client(), priority="low")
    order = [batch for batch, _ in queued(conn)]
    assert order[:3] == [urgent.id, large.id, small.id]
    assert order[-1] == low.id
    assert order[3:-1] == [large.id] * 14


def test_a_queue_that_ran_empty_forgets_who_had_how_much(conn: Connection) -> None:
    submit(conn, some_items(200))
    conn.execute("DELETE FROM batch_chunk")
    submit(conn, some_items(10))
    starts = conn.execute("SELECT virtual_start FROM batch_chunk").fetchall()
    assert starts == [(0,)]
    assert conn.execute("SELECT virtual_end FROM batch_share").fetchall() == [(10,)]


def test_batches_sent_at_once_stand_one_behind_the_other(
    database: Database, conn: Connection
) -> None:
    barrier = threading.Barrier(4)

    def send() -> None:
        with psycopg.connect(f"{database.face_dsn} options='-c search_path=public,queue'") as own:
            barrier.wait()
            submit(own, some_items(64), client=CLIENT)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    starts = conn.execute("SELECT virtual_start FROM batch_chunk ORDER BY 1").fetchall()
    assert starts == [(number * 16,) for number in range(16)]


def test_a_cancelled_batch_leaves_no_work_and_says_the_same_again(conn: Connection) -> None:
    made = submit(conn, some_items(40), webhook_url="https://example.org/end")
    endings.end_items(conn, made.id, [Ending(3, "succeeded")], now=NOW)
    first = batches.cancel(conn, made.id, token_id=None, now=LATER)
    assert (first.state, first.finished_at) == ("cancelled", LATER)
    assert (first.counts.cancelled, first.counts.succeeded, first.counts.pending) == (39, 1, 0)
    assert first.last_position == 40
    assert queued(conn) == []
    assert count(conn, "batch_image") == 0
    assert count(conn, "batch_chunk") == 0
    assert count(conn, JOBS) == 1
    assert batches.cancel(conn, made.id, token_id=None, now=LATER + timedelta(1)) == first
    assert count(conn, JOBS) == 1


def test_failed_items_are_tried_again_at_new_positions(conn: Connection) -> None:
    made = submit(conn, some_items(40), chunk=16)
    failed = [Ending(number, "failed", b"why") for number in (1, 20, 40)]
    done = [Ending(n, "succeeded") for n in range(1, 41) if n not in (1, 20, 40)]
    finished = endings.end_items(conn, made.id, [*failed, *done], now=NOW)
    assert finished
    again = batches.retry(conn, made.id, token_id=None, figures=RUNBOOK.batch)
    assert (again.state, again.finished_at) == ("running", None)
    assert (again.counts.pending, again.counts.failed, again.counts.succeeded) == (3, 0, 37)
    reopened = conn.execute(
        "SELECT number, chunk, position FROM batch_item WHERE state = 'pending' ORDER BY number"
    ).fetchall()
    assert reopened == [(1, 4, None), (20, 4, None), (40, 4, None)]
    assert (made.id, 4) in queued(conn)
    assert endings.hold_pending(conn, made.id, [1, 20, 40]) == (1, 20, 40)
    endings.end_items(conn, made.id, [Ending(n, "succeeded") for n in (1, 20, 40)], now=LATER)
    whole = batches.get(conn, made.id)
    assert (whole.state, whole.counts.succeeded, whole.last_position) == ("finished", 40, 43)
    with pytest.raises(BatchNothingToRetry):
        batches.retry(conn, made.id, token_id=None, figures=RUNBOOK.batch)


def test_a_destroyed_batch_leaves_no_row_and_no_job(conn: Connection) -> None:
    made = submit(conn, some_items(40))
    with pytest.raises(BatchNotFound):
        batches.delete(conn, made.id, token_id=another_client().token_id)
    batches.delete(conn, made.id, token_id=CLIENT.token_id)
    assert [count(conn, table) for table in (*TABLES, JOBS)] == [0] * 6
    with pytest.raises(BatchNotFound):
        batches.get(conn, made.id)


def test_what_has_outlived_its_time_is_destroyed(conn: Connection) -> None:
    kept = RUNBOOK.retention
    old = submit(conn, some_items(2))
    running = submit(conn, some_items(2))
    endings.end_items(conn, old.id, [Ending(1, "failed", b"why"), Ending(2, "succeeded")], now=NOW)

    def purge(at: timedelta) -> int:
        return batches.purge(conn, retention=kept, now=NOW + at)

    assert purge(kept.batch_failed_images.duration - timedelta(seconds=1)) == 0
    assert purge(kept.batch_failed_images.duration) == 1
    assert count(conn, "batch_image") == 2
    assert purge(kept.batch_results.duration) == 1
    assert [one.id for one in _all(conn)] == [running.id]
    assert purge(kept.batch_results.duration * 9) == 0


def _all(conn: Connection) -> tuple[Batch, ...]:
    return batches.page(conn, token_id=None, state=None, cursor=None, limit=100).items


def test_the_numbers_tell_what_waits_and_how_well_it_goes(conn: Connection) -> None:
    figures = RUNBOOK.batch
    empty = statistics.numbers(conn, figures=figures, now=NOW)
    assert (empty.queue_items, empty.oldest_waiting_seconds, empty.success_ratio) == ({}, 0.0, None)
    made = submit(conn, some_items(10), priority="high")
    submit(conn, some_items(5))
    ends = [Ending(1, "failed", b"x"), Ending(2, "failed", b"x", service_fault=True)]
    endings.end_items(
        conn, made.id, [*ends, Ending(3, "succeeded"), Ending(4, "succeeded")], now=NOW
    )
    conn.execute("INSERT INTO queue.procrastinate_workers (last_heartbeat) VALUES (%s)", (LATER,))
    told = statistics.numbers(conn, figures=figures, now=LATER)
    assert told.queue_items == {"high": 6, "normal": 5}
    assert told.oldest_waiting_seconds == 300
    assert told.results == {"failed": 2, "succeeded": 2}
    assert told.success_ratio == 0.75
    assert told.workers == 1
    after = statistics.numbers(conn, figures=figures, now=LATER + timedelta(hours=1))
    assert (after.success_ratio, after.workers) == (None, 0)
