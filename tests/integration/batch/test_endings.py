"""Items end once each, at positions without gaps, whoever ends them at the same time."""

import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from bigbrother.face.batch.endings import Ending, end_items, erase_items, hold_pending
from bigbrother.kernel.ids import new_id
from tests.conftest import Database

NOW = datetime(2026, 11, 22, tzinfo=UTC)
Connection = psycopg.Connection[Any]


def new_batch(conn: Connection, items: int, *, subject_mac: bytes | None = None) -> UUID:
    """A running batch of the kind analyze; each item has an image."""
    batch_id = new_id(NOW)
    conn.execute(
        "INSERT INTO batch (id, kind, state, priority, token_id, token_name, request_id, purpose,"
        " options, wrapped_key, items, created_at)"
        " VALUES (%s, 'analyze', 'running', 'normal', %s, 'test', 'r', '', '{}', '', %s, %s)",
        (batch_id, uuid4(), items, NOW),
    )
    conn.execute(
        "INSERT INTO batch_item (batch_id, number, chunk, state, sealed_request, subject_mac)"
        " SELECT %s, n, 1, 'pending', 'asked', %s FROM generate_series(1, %s) n",
        (batch_id, subject_mac, items),
    )
    conn.execute(
        "INSERT INTO batch_image SELECT %s, n, 'image' FROM generate_series(1, %s) n",
        (batch_id, items),
    )
    conn.execute(
        "INSERT INTO batch_chunk (batch_id, chunk, token_id, virtual_start) VALUES (%s, 1, %s, 0)",
        (batch_id, uuid4()),
    )
    conn.commit()
    return batch_id


def batch_row(conn: Connection, batch_id: UUID) -> dict[str, Any]:
    with conn.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        found = cursor.execute("SELECT * FROM batch WHERE id = %s", (batch_id,)).fetchone()
    assert found is not None
    return found


def items(conn: Connection, batch_id: UUID) -> list[tuple[int, str, int | None]]:
    return conn.execute(
        "SELECT number, state, position FROM batch_item WHERE batch_id = %s ORDER BY number",
        (batch_id,),
    ).fetchall()


def assert_exact(conn: Connection, batch_id: UUID) -> None:
    """Counts and positions say what the items say."""
    row, held = batch_row(conn, batch_id), items(conn, batch_id)
    states = Counter(state for _, state, _ in held)
    for state in ("succeeded", "failed", "cancelled", "erased"):
        assert row[state] == states[state]
    positions = sorted(position for *_, position in held if position is not None)
    assert positions == list(range(1, row["last_position"] + 1))
    assert (row["state"] == "finished") == (states["pending"] == 0)


@pytest.fixture
def conn(database: Database) -> Any:  # noqa: ANN401
    with psycopg.connect(database.face_dsn) as opened:
        yield opened


def test_the_last_item_finishes_the_batch_and_leaves_no_image_and_no_chunk(
    conn: Connection,
) -> None:
    batch_id = new_batch(conn, 2)
    assert hold_pending(conn, batch_id, [1, 2, 3]) == (1, 2)
    assert not end_items(conn, batch_id, [Ending(2, "succeeded", b"sealed")], now=NOW)
    assert end_items(conn, batch_id, [Ending(1, "succeeded", b"sealed")], now=NOW)
    assert items(conn, batch_id) == [(1, "succeeded", 2), (2, "succeeded", 1)]
    assert_exact(conn, batch_id)
    for table in ("batch_image", "batch_chunk"):
        assert conn.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)  # noqa: S608


def test_a_failed_item_keeps_its_image_for_another_try(conn: Connection) -> None:
    batch_id = new_batch(conn, 1)
    assert hold_pending(conn, batch_id, [1]) == (1,)
    end_items(conn, batch_id, [Ending(1, "failed", b"why", service_fault=True)], now=NOW)
    assert conn.execute("SELECT number FROM batch_image").fetchall() == [(1,)]
    assert conn.execute("SELECT service_fault FROM batch_item").fetchall() == [(True,)]


def test_an_item_that_ended_is_not_pending_for_anybody(conn: Connection) -> None:
    batch_id = new_batch(conn, 2)
    hold_pending(conn, batch_id, [1])
    end_items(conn, batch_id, [Ending(1, "succeeded", b"first")], now=NOW)
    conn.commit()
    assert hold_pending(conn, batch_id, [1]) == ()
    assert hold_pending(conn, new_id(NOW), [1]) == ()


def test_workers_that_end_the_same_items_at_once_end_each_once(database: Database) -> None:
    with psycopg.connect(database.face_dsn) as conn:
        batch_id = new_batch(conn, 120)
    finished = []

    def work(seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - the same order in each run
        numbers = list(range(1, 121))
        chance.shuffle(numbers)
        with psycopg.connect(database.face_dsn) as conn:
            for begin in range(0, 120, 8):
                held = hold_pending(conn, batch_id, numbers[begin : begin + 8])
                endings = [Ending(number, "succeeded", b"%d" % seed) for number in held]
                finished.append(end_items(conn, batch_id, endings, now=NOW))
                conn.commit()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    with psycopg.connect(database.face_dsn) as conn:
        assert_exact(conn, batch_id)
        assert batch_row(conn, batch_id)["succeeded"] == 120
    assert finished.count(True) == 1


def test_an_erasure_reaches_what_is_pending_and_what_has_ended(conn: Connection) -> None:
    batch_id = new_batch(conn, 3, subject_mac=b"mac")
    other = new_batch(conn, 1, subject_mac=b"else")
    hold_pending(conn, batch_id, [2])
    end_items(conn, batch_id, [Ending(2, "succeeded", b"sealed")], now=NOW)
    finished = erase_items(conn, subject_mac=b"mac", image_sha256=(), before=None, now=NOW)
    assert finished == (batch_id,)
    assert items(conn, batch_id) == [(1, "erased", 2), (2, "erased", 1), (3, "erased", 3)]
    assert_exact(conn, batch_id)
    left = conn.execute(
        "SELECT count(*) FROM batch_item WHERE batch_id = %s AND (sealed_request IS NOT NULL"
        " OR sealed_result IS NOT NULL OR subject_mac IS NOT NULL)",
        (batch_id,),
    ).fetchone()
    assert left == (0,)
    assert conn.execute("SELECT batch_id FROM batch_image").fetchall() == [(other,)]
    assert erase_items(conn, subject_mac=b"mac", image_sha256=(), before=None, now=NOW) == ()
    assert_exact(conn, batch_id)


def test_a_batch_made_after_the_erasure_is_left_alone(conn: Connection) -> None:
    batch_id = new_batch(conn, 1, subject_mac=b"mac")
    before = datetime(2026, 11, 21, tzinfo=UTC)
    assert erase_items(conn, subject_mac=b"mac", image_sha256=(), before=before, now=NOW) == ()
    assert items(conn, batch_id) == [(1, "pending", None)]


def test_erasures_and_workers_at_once_leave_counts_exact(database: Database) -> None:
    with psycopg.connect(database.face_dsn) as conn:
        batches = [new_batch(conn, 40, subject_mac=b"mac") for _ in range(3)]
    begin = threading.Barrier(4)

    def work(batch_id: UUID) -> None:
        begin.wait(10)
        with psycopg.connect(database.face_dsn) as conn:
            for number in range(1, 41):
                held = hold_pending(conn, batch_id, [number])
                end_items(conn, batch_id, [Ending(one, "succeeded", b"r") for one in held], now=NOW)
                conn.commit()

    def erase() -> None:
        begin.wait(10)
        for _ in range(5):
            with psycopg.connect(database.face_dsn) as conn:
                erase_items(conn, subject_mac=b"mac", image_sha256=(), before=None, now=NOW)

    with ThreadPoolExecutor(4) as pool:
        for done in [*(pool.submit(work, one) for one in batches), pool.submit(erase)]:
            done.result()
    erase_alone = psycopg.connect(database.face_dsn)
    with erase_alone as conn:
        erase_items(conn, subject_mac=b"mac", image_sha256=(), before=None, now=NOW)
    with psycopg.connect(database.face_dsn) as conn:
        for batch_id in batches:
            assert_exact(conn, batch_id)
            assert batch_row(conn, batch_id)["erased"] == 40
