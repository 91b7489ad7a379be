"""Whether the workers' purge does its work is measured; nothing of the gallery is touched."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from bigbrother.operations.procedures.outcome import StepFailed
from tests.conftest import Database
from tests.integration.operations.housekeeping.place import NOW, Place

DAY = timedelta(days=1)


@pytest.fixture
def place(place: Place, database: Database) -> Place:
    place.dsn = database.owner_dsn
    return place


def add(dsn: str, statement: str, **given: object) -> None:
    with psycopg.connect(dsn) as conn:
        conn.execute(statement.encode(), given)


def counts(dsn: str) -> list[Any]:
    tables = ("idempotency", "batch", "batch_image", "face", "subject")
    with psycopg.connect(dsn) as conn:
        select = sql.SQL("SELECT count(*) FROM {}")
        rows = (conn.execute(select.format(sql.Identifier(t))).fetchone() for t in tables)
        return [row and row[0] for row in rows]


def add_all(dsn: str, late: timedelta) -> None:
    """Of each kind one whose time was over so long ago; and one subject whose consent ended."""
    ids = {name: uuid4() for name in ("token", "collection", "subject", "face", "batch", "other")}
    add(
        dsn,
        "INSERT INTO api_token (id, name, role, secret_sha256, created_at)"
        " VALUES (%(token)s, 't', 'admin', sha256('s'), %(now)s)",
        **ids,
        now=NOW,
    )
    add(
        dsn,
        "INSERT INTO idempotency (token_id, key, request_sha256, created_at, expires_at)"
        " VALUES (%(token)s, 'k', sha256('r'), %(at)s, %(at)s)",
        **ids,
        at=NOW - late,
    )
    add(
        dsn,
        "INSERT INTO collection (id, name, description, keep_crops, retention, created_at)"
        " VALUES (%(collection)s, 'c', '', false, interval '10 days', %(at)s)",
        **ids,
        at=NOW - 100 * DAY,
    )
    add(
        dsn,
        "INSERT INTO subject (id, collection_id, external_id, name, metadata, consent_legal_basis,"
        " consent_purpose, consent_reference, consent_expires_at, created_at, updated_at)"
        " VALUES (%(subject)s, %(collection)s, 'x', '', '{}', 'consent', 'p', '', %(ended)s,"
        " %(at)s, %(at)s)",
        **ids,
        ended=NOW - DAY,
        at=NOW - 100 * DAY,
    )
    add(
        dsn,
        "INSERT INTO face (id, subject_id, image_sha256, box_x, box_y, box_width, box_height,"
        " score, quality_size, quality_sharpness, quality_pose, quality_brightness,"
        " quality_overall,"
        " quality_reasons, created_at)"
        " VALUES (%(face)s, %(subject)s, sha256('i'), 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, '{}', %(at)s)",
        **ids,
        at=NOW - 10 * DAY - late,
    )
    for batch, ended in (("batch", 30 * DAY + late), ("other", 7 * DAY + late)):
        add(
            dsn,
            "INSERT INTO batch (id, kind, state, priority, token_id, token_name, request_id,"
            " purpose, options, wrapped_key, items, created_at, finished_at)"
            " VALUES (%(id)s, 'analyze', 'finished', 'low', %(token)s, 't', 'r', 'p', '{}', 'k', 1,"
            " %(at)s, %(at)s)",
            id=ids[batch],
            token=ids["token"],
            at=NOW - ended,
        )
        add(
            dsn,
            "INSERT INTO batch_item (batch_id, number, chunk, state, position, done_at)"
            " VALUES (%(id)s, 1, 1, 'failed', 1, %(at)s)",
            id=ids[batch],
            at=NOW - ended,
        )
    add(dsn, "INSERT INTO batch_image VALUES (%(other)s, 1, 'sealed')", **ids)


def test_what_a_worker_did_not_destroy_is_told_with_the_remedy(place: Place) -> None:
    add_all(place.dsn, late=timedelta(minutes=3))
    before = counts(place.dsn)
    with pytest.raises(StepFailed) as failed:
        place.do("verify_purges")
    for kind in ("1 idempotency keys", "1 batches", "1 failed images", "1 faces"):
        assert kind in failed.value.detail
    assert "1 batches (since 2030-04-01 05:57 UTC)" in failed.value.detail
    assert "bigbrother logs bigbrother-worker" in failed.value.remedy
    assert failed.value.again
    assert counts(place.dsn) == before
    assert "Late: 1 idempotency keys" in place.plan("verify_purges")


def test_what_became_due_a_moment_ago_is_the_workers_next_work(place: Place) -> None:
    add_all(place.dsn, late=timedelta(minutes=1))
    outcome = place.do("verify_purges")
    assert outcome.summary.startswith("Nothing has outlived its time.")
    assert outcome.data == {"ended_consents": 1}
    assert "consent of 1 subject has ended" in " ".join(place.journal.lines)


def test_an_empty_gallery_is_in_order(place: Place) -> None:
    assert place.do("verify_purges").summary == "Nothing has outlived its time."
