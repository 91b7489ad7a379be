"""Collections."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bigbrother.face.gallery import collections, statistics
from bigbrother.face.gallery.errors import (
    CollectionExists,
    CollectionNotFound,
    InvalidCollectionName,
    InvalidCursor,
    InvalidPageSize,
    InvalidRetention,
    InvalidText,
)
from bigbrother.face.gallery.records import ModelVersion
from tests.integration.gallery.people import (
    NOW,
    enrol,
    forget_collection,
    new_collection,
    new_subject,
    vectors,
)

Connection = psycopg.Connection[Any]


def test_what_was_made_is_read_back(conn: Connection) -> None:
    made = collections.create(
        conn, "a-1_b", description="Ünï", keep_crops=True, retention=timedelta(days=30), now=NOW
    )
    assert collections.get(conn, "a-1_b") == made
    assert made.retention == timedelta(days=30)
    assert made.created_at == NOW


def test_times_are_utc_whatever_the_session_speaks(conn: Connection) -> None:
    conn.execute("SET TIME ZONE 'America/Sao_Paulo'")
    local = NOW.astimezone(timezone(timedelta(hours=-3)))
    made = collections.create(conn, "staff", now=local)
    assert made.created_at == NOW
    assert made.created_at.tzinfo is UTC


def test_a_name_that_is_taken_is_a_conflict_and_the_transaction_goes_on(conn: Connection) -> None:
    new_collection(conn)
    with pytest.raises(CollectionExists):
        new_collection(conn)
    assert collections.get(conn, "staff")


@pytest.mark.parametrize("name", ["", "A", "-a", "a" * 64, "a b", "a/b", "é", "a\x00", "a\n"])
def test_a_name_outside_the_alphabet_is_refused(conn: Connection, name: str) -> None:
    with pytest.raises(InvalidCollectionName):
        new_collection(conn, name)


@pytest.mark.parametrize("name", ["nobody", "", "a\x00", "\ud800"])
def test_an_unknown_name_is_not_found(conn: Connection, name: str) -> None:
    with pytest.raises(CollectionNotFound):
        collections.get(conn, name)
    with pytest.raises(CollectionNotFound):
        forget_collection(conn, name)


def test_a_description_that_cannot_be_stored_is_refused(conn: Connection) -> None:
    with pytest.raises(InvalidText):
        new_collection(conn, description="a\x00b")


@pytest.mark.parametrize("retention", [timedelta(0), timedelta(days=-1), timedelta(days=9**8)])
def test_an_impossible_retention_is_refused(conn: Connection, retention: timedelta) -> None:
    with pytest.raises(InvalidRetention):
        new_collection(conn, retention=retention)


def test_deleting_a_collection_leaves_nothing_of_it(conn: Connection, model: ModelVersion) -> None:
    new_collection(conn, keep_crops=True)
    new_subject(conn, "ann")
    enrol(conn, "ann", vectors(model, 1)[0], model)
    forget_collection(conn, "staff")
    counts = statistics.counts(conn)
    assert (counts.collections, counts.subjects, counts.faces, counts.embeddings) == (0, 0, 0, 0)
    assert conn.execute("SELECT FROM crop").rowcount == 0
    assert conn.execute("SELECT FROM subject_key").rowcount == 0


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(count=st.integers(0, 12), limit=st.integers(1, 5), gone=st.sets(st.integers(0, 11)))
def test_pages_hold_each_collection_once_however_it_changes_between(
    conn: Connection, count: int, limit: int, gone: set[int]
) -> None:
    conn.rollback()
    for number in range(count):
        new_collection(conn, f"c{number}")
    first = collections.page(conn, cursor=None, limit=limit)
    seen = [one.name for one in first.items]
    for number in gone & set(range(count)):
        forget_collection(conn, f"c{number}")
    collections.create(conn, "late", now=datetime(2031, 1, 1, tzinfo=UTC))
    cursor = first.next_cursor
    while cursor is not None:
        page = collections.page(conn, cursor=cursor, limit=limit)
        assert 1 <= len(page.items) <= limit
        seen += [one.name for one in page.items]
        cursor = page.next_cursor
    assert len(seen) == len(set(seen))
    if first.next_cursor is not None:
        staying = {f"c{number}" for number in range(count) if number not in gone} | {"late"}
        assert set(seen) >= staying


@pytest.mark.parametrize("cursor", ["", "x", "AAAA", "é", "=" * 22, "A" * 22 + "\n", "A" * 4000])
def test_a_cursor_that_no_listing_gave_is_refused(conn: Connection, cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        collections.page(conn, cursor=cursor, limit=1)


@pytest.mark.parametrize("limit", [0, -1, 2**31])
def test_an_impossible_page_size_is_refused(conn: Connection, limit: int) -> None:
    with pytest.raises(InvalidPageSize):
        collections.page(conn, cursor=None, limit=limit)
