"""Two connections at once: one of them wins, the other is told so, nothing is doubled."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from bigbrother.face.gallery import (
    faces,
    integrity,
    model_versions,
    statistics,
    subjects,
)
from bigbrother.face.gallery.errors import (
    CollectionExists,
    CollectionNotFound,
    FaceAlreadyEnrolled,
    SubjectExists,
    SubjectNotFound,
)
from bigbrother.face.gallery.records import ModelVersion
from bigbrother.kernel.errors import BigBrotherError
from tests.conftest import Database
from tests.integration.gallery.people import (
    CONSENT,
    NOW,
    enrol,
    forget_collection,
    forget_subject,
    new_collection,
    new_subject,
    vectors,
)
from tests.waiting import until

Connection = psycopg.Connection[Any]
Act = Callable[[Connection], object]


def outcome(dsn: str, act: Act, barrier: threading.Barrier) -> str:
    """Runs the act in a transaction of its own; the name of what it raised, or 'done'."""
    with psycopg.connect(dsn) as conn:
        barrier.wait()
        try:
            act(conn)
        except BigBrotherError as error:
            return error.code
    return "done"


def race(dsn: str, *acts: Act) -> list[str]:
    """The outcomes of acts that begin together."""
    barrier = threading.Barrier(len(acts))
    with ThreadPoolExecutor(len(acts)) as pool:
        running = [pool.submit(outcome, dsn, act, barrier) for act in acts]
        return sorted(one.result() for one in running)


def prepared(database: Database) -> None:
    with psycopg.connect(database.face_dsn) as conn:
        new_collection(conn, keep_crops=True)
        new_subject(conn, "ann")


def test_one_image_enrolled_by_two_at_once_is_one_face(
    database: Database, model: ModelVersion
) -> None:
    prepared(database)
    for vector in vectors(model, 10):
        outcomes = race(
            database.face_dsn, *(2 * [lambda conn, v=vector: enrol(conn, "ann", v, model)])
        )
        assert outcomes == sorted(["done", FaceAlreadyEnrolled.code])
    with psycopg.connect(database.face_dsn) as conn:
        counts = statistics.counts(conn)
        assert (counts.faces, counts.embeddings) == (10, 10)
        assert integrity.verify(conn) == ()


def test_one_name_made_by_two_at_once_is_made_once(database: Database) -> None:
    for number in range(10):
        outcomes = race(
            database.face_dsn, *(3 * [lambda conn, n=number: new_collection(conn, f"c{n}")])
        )
        assert outcomes == [CollectionExists.code] * 2 + ["done"]
        outcomes = race(
            database.face_dsn,
            *(3 * [lambda conn, n=number: new_subject(conn, "ann", collection=f"c{n}")]),
        )
        assert outcomes == ["done"] + [SubjectExists.code] * 2


def test_a_subject_deleted_amid_enrolments_leaves_no_orphan(
    database: Database, model: ModelVersion
) -> None:
    for round_ in range(10):
        if round_ == 0:
            prepared(database)
        else:
            with psycopg.connect(database.face_dsn) as conn:
                new_subject(conn, "ann")
        images = vectors(model, 3, seed=round_)
        outcomes = race(
            database.face_dsn,
            lambda conn: forget_subject(conn, "staff", "ann"),
            *(lambda conn, v=vector: enrol(conn, "ann", v, model) for vector in images),
        )
        assert set(outcomes) <= {"done", SubjectNotFound.code}
    with psycopg.connect(database.face_dsn) as conn:
        assert statistics.counts(conn).embeddings == 0
        assert conn.execute("SELECT FROM crop").rowcount == 0
        assert integrity.verify(conn) == ()


def waits_for_a_lock(conn: Connection) -> bool:
    waiting = conn.execute(
        "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        " AND datname = current_database()"
    )
    return waiting.rowcount > 0


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (
            lambda conn: forget_subject(conn, "staff", "ann"),
            lambda conn, v, m: enrol(conn, "ann", v, m),
            SubjectNotFound.code,
        ),
        (
            lambda conn: forget_collection(conn, "staff"),
            lambda conn, v, m: enrol(conn, "ann", v, m),
            CollectionNotFound.code,
        ),
        (
            lambda conn: forget_collection(conn, "staff"),
            lambda conn, *_: new_subject(conn, "bob"),
            CollectionNotFound.code,
        ),
        (
            lambda conn: forget_subject(conn, "staff", "ann"),
            lambda conn, *_: subjects.update(conn, "staff", "ann", name="A", now=NOW),
            SubjectNotFound.code,
        ),
        (
            lambda conn: forget_collection(conn, "staff"),
            lambda conn, *_: forget_collection(conn, "staff"),
            CollectionNotFound.code,
        ),
    ],
    ids=["subject-enrol", "collection-enrol", "collection-create", "subject-update", "twice"],
)
def test_what_waits_for_a_deletion_is_told_that_it_is_gone(
    database: Database,
    superuser: Connection,
    model: ModelVersion,
    first: Act,
    second: Callable[..., object],
    told: str,
) -> None:
    prepared(database)
    vector = vectors(model, 1)[0]
    with ThreadPoolExecutor(1) as pool, psycopg.connect(database.face_dsn) as conn:
        first(conn)
        late: Future[str] = pool.submit(
            outcome,
            database.face_dsn,
            lambda other: second(other, vector, model),
            threading.Barrier(1),
        )
        until(lambda: waits_for_a_lock(superuser), within_seconds=10)
        conn.commit()
        assert late.result() == told


def test_a_deletion_that_waits_for_an_enrolment_takes_it_too(
    database: Database, superuser: Connection, model: ModelVersion
) -> None:
    prepared(database)
    with ThreadPoolExecutor(1) as pool, psycopg.connect(database.face_dsn) as conn:
        enrol(conn, "ann", vectors(model, 1)[0], model)
        late = pool.submit(
            outcome,
            database.face_dsn,
            lambda other: forget_subject(other, "staff", "ann"),
            threading.Barrier(1),
        )
        until(lambda: waits_for_a_lock(superuser), within_seconds=10)
        conn.commit()
        assert late.result() == "done"
        assert statistics.counts(conn).embeddings == 0
        assert integrity.verify(conn) == ()


def test_a_withdrawal_is_not_lost_to_a_change_made_at_the_same_time(
    database: Database, superuser: Connection
) -> None:
    prepared(database)
    later = NOW + timedelta(hours=1)

    def rename(conn: Connection) -> None:
        subject = subjects.get(conn, "staff", "ann", lock=True)
        consent = replace(subject.consent, purpose="another door")
        subjects.update(conn, "staff", "ann", consent=consent, now=later)

    with ThreadPoolExecutor(1) as pool, psycopg.connect(database.face_dsn) as conn:
        subjects.get(conn, "staff", "ann", lock=True)
        late = pool.submit(outcome, database.face_dsn, rename, threading.Barrier(1))
        until(lambda: waits_for_a_lock(superuser), within_seconds=10)
        withdrawn = replace(CONSENT, withdrawn_at=later)
        subjects.update(conn, "staff", "ann", consent=withdrawn, now=later)
        conn.commit()
        assert late.result() == "done"
        consent = subjects.get(conn, "staff", "ann").consent
        assert (consent.withdrawn_at, consent.purpose) == (later, "another door")


def test_a_model_registered_by_several_at_once_is_one(database: Database) -> None:
    def register(conn: Connection) -> ModelVersion:
        return model_versions.register(conn, "net", "2", 128, now=NOW)

    assert race(database.owner_dsn, *(4 * [register])) == ["done"] * 4
    with psycopg.connect(database.owner_dsn) as conn:
        assert len(model_versions.registered(conn)) == 1


def test_a_model_is_registered_while_faces_of_another_are_enrolled(
    database: Database, model: ModelVersion
) -> None:
    prepared(database)
    outcomes = race(
        database.face_dsn,
        *(lambda conn, v=vector: enrol(conn, "ann", v, model) for vector in vectors(model, 3)),
        lambda _: register_as_owner(database),
    )
    assert outcomes == ["done"] * 4
    with psycopg.connect(database.face_dsn) as conn:
        page = faces.page(conn, "staff", "ann", cursor=None, limit=9)
        assert [face.models for face in page.items] == [("net@1",)] * 3


def register_as_owner(database: Database) -> None:
    with psycopg.connect(database.owner_dsn) as conn:
        model_versions.register(conn, "net", "2", 64, now=NOW)
