"""Subjects."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from bigbrother.face.gallery import statistics, subjects
from bigbrother.face.gallery.errors import (
    CollectionNotFound,
    InvalidConsent,
    InvalidExternalId,
    InvalidMetadata,
    SubjectExists,
    SubjectKeyMissing,
    SubjectNotFound,
)
from bigbrother.face.gallery.records import Consent, ModelVersion
from tests.integration.gallery.people import (
    CONSENT,
    MASTER_KEY,
    NOW,
    enrol,
    forget_subject,
    new_collection,
    new_subject,
    vectors,
)

Connection = psycopg.Connection[Any]


def test_what_was_made_is_read_back(conn: Connection) -> None:
    new_collection(conn)
    consent = replace(CONSENT, expires_at=NOW + timedelta(days=1))
    metadata = {"plain": "text", "Ünï": [1, 2.5, None, {"deep": True}], "emoji": "🙂"}
    made = new_subject(conn, "Zoë 🙂 #1", consent=consent, metadata=metadata)
    assert subjects.get(conn, "staff", "Zoë 🙂 #1") == made
    assert made.consent == consent
    assert made.metadata == metadata
    assert made.faces == 0


def test_the_same_external_id_lives_in_two_collections(conn: Connection) -> None:
    for collection in (new_collection(conn), new_collection(conn, "guests")):
        new_subject(conn, "ann", collection=collection)
    with pytest.raises(SubjectExists):
        new_subject(conn, "ann")
    assert subjects.get(conn, "guests", "ann").collection == "guests"


@pytest.mark.parametrize("external_id", ["", "a/b", "a\x00", "a\x7f", "a\x9f", "\ud800", "a" * 201])
def test_an_external_id_that_cannot_stand_in_an_address_is_refused(
    conn: Connection, external_id: str
) -> None:
    new_collection(conn)
    with pytest.raises(InvalidExternalId):
        new_subject(conn, external_id)
    with pytest.raises(SubjectNotFound):
        subjects.get(conn, "staff", external_id)


def test_an_unknown_collection_is_not_found(conn: Connection) -> None:
    with pytest.raises(CollectionNotFound):
        new_subject(conn, "ann", collection="nowhere")
    with pytest.raises(CollectionNotFound):
        subjects.page(conn, "nowhere", cursor=None, limit=1)


@pytest.mark.parametrize("metadata", [{"a": float("nan")}, {"a": "b\x00"}])
def test_metadata_that_json_does_not_know_changes_nothing(
    conn: Connection, metadata: dict[str, Any]
) -> None:
    new_collection(conn)
    made = new_subject(conn, "ann", metadata={"kept": 1})
    with pytest.raises(InvalidMetadata):
        subjects.update(conn, "staff", "ann", metadata=metadata, now=NOW)
    with pytest.raises(InvalidMetadata):
        new_subject(conn, "bob", metadata=metadata)
    assert subjects.page(conn, "staff", cursor=None, limit=9).items == (made,)


def test_an_update_replaces_what_is_given_and_leaves_the_rest(
    conn: Connection, model: ModelVersion
) -> None:
    new_collection(conn)
    made = new_subject(conn, "ann", metadata={"kept": 1})
    enrol(conn, "ann", vectors(model, 1)[0], model)
    later = NOW + timedelta(hours=1)
    withdrawn = replace(CONSENT, withdrawn_at=later)
    changed = subjects.update(conn, "staff", "ann", consent=withdrawn, now=later)
    assert changed == replace(made, consent=withdrawn, updated_at=later, faces=1)
    changed = subjects.update(conn, "staff", "ann", name="", metadata={}, now=later)
    assert (changed.name, changed.metadata, changed.consent) == ("", {}, withdrawn)
    assert subjects.get(conn, "staff", "ann") == changed


def test_a_subject_that_is_not_there_is_neither_changed_nor_deleted(conn: Connection) -> None:
    new_collection(conn)
    with pytest.raises(SubjectNotFound):
        subjects.update(conn, "staff", "ann", name="Ann", now=NOW)
    with pytest.raises(SubjectNotFound):
        forget_subject(conn, "staff", "ann")


@pytest.mark.parametrize(
    "consent",
    [
        replace(CONSENT, legal_basis=""),
        replace(CONSENT, legal_basis="because"),
        replace(CONSENT, purpose="  "),
        replace(CONSENT, expires_at=datetime(2031, 1, 1)),  # noqa: DTZ001 - the point of the test
    ],
)
def test_an_incomplete_consent_is_refused(conn: Connection, consent: Consent) -> None:
    new_collection(conn)
    with pytest.raises(InvalidConsent):
        new_subject(conn, "ann", consent=consent)


def test_deleting_a_subject_destroys_its_key_faces_crops_and_embeddings(
    conn: Connection, model: ModelVersion
) -> None:
    new_collection(conn, keep_crops=True)
    gone, stays = new_subject(conn, "ann"), new_subject(conn, "bob")
    for number, vector in enumerate(vectors(model, 4)):
        enrol(conn, ("ann", "bob")[number % 2], vector, model)
    forget_subject(conn, "staff", "ann")
    with pytest.raises(SubjectKeyMissing):
        subjects.key(conn, gone.id, MASTER_KEY)
    assert subjects.key(conn, stays.id, MASTER_KEY)
    counts = statistics.counts(conn)
    assert (counts.subjects, counts.faces, counts.embeddings) == (1, 2, 2)
    assert conn.execute("SELECT FROM crop").rowcount == 2
    assert conn.execute("SELECT FROM subject_key").rowcount == 1


def test_each_subject_has_a_key_of_its_own_that_is_stored_wrapped(conn: Connection) -> None:
    new_collection(conn)
    made = [new_subject(conn, "ann"), new_subject(conn, "bob")]
    keys = {subjects.key(conn, subject.id, MASTER_KEY) for subject in made}
    assert len(keys) == 2
    stored = conn.execute("SELECT wrapped_key FROM subject_key").fetchall()
    assert not [key for key in keys for (wrapped,) in stored if key in wrapped]


def test_pages_follow_the_order_of_creation(conn: Connection) -> None:
    new_collection(conn)
    names = [f"p{number}" for number in range(7)]
    for number, name in enumerate(names):
        subjects.create(
            conn,
            "staff",
            name,
            name=name,
            metadata={},
            consent=CONSENT,
            master_key=MASTER_KEY,
            now=NOW + timedelta(milliseconds=number),
        )
    first = subjects.page(conn, "staff", cursor=None, limit=4)
    second = subjects.page(conn, "staff", cursor=first.next_cursor, limit=4)
    assert [one.external_id for one in first.items + second.items] == names
    assert second.next_cursor is None
