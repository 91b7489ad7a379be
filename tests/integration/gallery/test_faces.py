"""Faces: enrolment, crops, deletion, retention."""

import io
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import psycopg
import pytest
from PIL import Image

from bigbrother.face.gallery import faces, integrity, statistics, subjects
from bigbrother.face.gallery.errors import (
    CollectionNotFound,
    ConsentNotInForce,
    CropNotKept,
    FaceAlreadyEnrolled,
    FaceNotFound,
    InvalidEmbedding,
    InvalidImageDigest,
    SubjectNotFound,
)
from bigbrother.face.gallery.records import Consent, ModelVersion
from bigbrother.security.keys import MasterKey, SealBroken
from tests.gallery_crowd import unit
from tests.integration.gallery.people import (
    CONSENT,
    MASTER_KEY,
    NOW,
    digest_of,
    enrol,
    face_of,
    forget_face,
    new_collection,
    new_subject,
    vectors,
    without_embedding,
)

Connection = psycopg.Connection[Any]


@pytest.fixture
def ann(conn: Connection) -> str:
    """A subject of a collection that keeps crops."""
    new_collection(conn, keep_crops=True)
    return new_subject(conn, "ann").external_id


def test_what_was_enrolled_is_read_back(conn: Connection, model: ModelVersion, ann: str) -> None:
    made = enrol(conn, ann, vectors(model, 1)[0], model)
    assert faces.get(conn, "staff", ann, made.id) == made
    assert faces.page(conn, "staff", ann, cursor=None, limit=1).items == (made,)
    assert made.models == ("net@1",)
    assert made.has_crop
    assert subjects.get(conn, "staff", ann).faces == 1
    assert integrity.verify(conn) == ()


def test_the_same_image_twice_is_a_conflict_and_the_transaction_goes_on(
    conn: Connection, model: ModelVersion, ann: str
) -> None:
    vector = vectors(model, 1)[0]
    made = enrol(conn, ann, vector, model)
    with pytest.raises(FaceAlreadyEnrolled):
        enrol(conn, ann, vector, model)
    assert faces.page(conn, "staff", ann, cursor=None, limit=9).items == (made,)
    new_subject(conn, "bob")
    assert enrol(conn, "bob", vector, model).id != made.id


def test_an_enrolment_that_is_rolled_back_leaves_nothing(
    conn: Connection, model: ModelVersion, ann: str
) -> None:
    conn.commit()
    enrol(conn, ann, vectors(model, 1)[0], model)
    conn.rollback()
    counts = statistics.counts(conn)
    assert (counts.faces, counts.embeddings) == (0, 0)
    assert conn.execute("SELECT FROM crop").rowcount == 0


def test_a_vector_that_is_no_embedding_of_the_model_is_refused(
    conn: Connection, model: ModelVersion, ann: str
) -> None:
    good = vectors(model, 1)[0]
    with_nan = good.copy()
    with_nan[3] = np.nan
    for bad in (good[:-1], np.stack([good, good]), good * 2, good * 0, with_nan, with_nan * np.inf):
        with pytest.raises(InvalidEmbedding):
            enrol(conn, ann, bad, model)
    with pytest.raises(InvalidEmbedding):
        faces.enrol(
            conn,
            "staff",
            ann,
            without_embedding(face_of(good)),
            image_sha256=digest_of(good),
            model=model,
            master_key=MASTER_KEY,
            now=NOW,
        )


@pytest.mark.parametrize("digest", ["", "a" * 63, "A" * 64, "g" * 64, "a" * 64 + "\n"])
def test_a_digest_that_is_none_is_refused(
    conn: Connection, model: ModelVersion, ann: str, digest: str
) -> None:
    with pytest.raises(InvalidImageDigest):
        faces.enrol(
            conn,
            "staff",
            ann,
            face_of(vectors(model, 1)[0]),
            image_sha256=digest,
            model=model,
            master_key=MASTER_KEY,
            now=NOW,
        )


def test_enrolling_nobody_is_not_found(conn: Connection, model: ModelVersion, ann: str) -> None:
    vector = vectors(model, 1)[0]
    with pytest.raises(SubjectNotFound):
        enrol(conn, "bob", vector, model)
    with pytest.raises(CollectionNotFound):
        enrol(conn, ann, vector, model, collection="nowhere")


def test_the_crop_comes_back_as_it_was(conn: Connection, model: ModelVersion, ann: str) -> None:
    vector = vectors(model, 1)[0]
    made = enrol(conn, ann, vector, model)
    png = faces.crop(conn, "staff", ann, made.id, master_key=MASTER_KEY)
    assert png.startswith(b"\x89PNG")
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(png))), face_of(vector).crop)


def test_a_crop_is_stored_sealed_and_opens_with_its_own_key_and_face_only(
    conn: Connection, superuser: Connection, model: ModelVersion, ann: str
) -> None:
    first, second = (enrol(conn, ann, vector, model) for vector in vectors(model, 2))
    conn.commit()
    stored = superuser.execute("SELECT sealed_png FROM crop").fetchall()
    assert not [sealed for (sealed,) in stored if b"PNG" in sealed or b"IHDR" in sealed]
    with pytest.raises(SealBroken):
        faces.crop(conn, "staff", ann, first.id, master_key=MasterKey(bytes(32)))
    superuser.execute(
        "UPDATE crop SET sealed_png = (SELECT sealed_png FROM crop WHERE face_id = %s)"
        " WHERE face_id = %s",
        (second.id, first.id),
    )
    with pytest.raises(SealBroken):
        faces.crop(conn, "staff", ann, first.id, master_key=MASTER_KEY)


def test_a_collection_that_keeps_no_crops_has_none(conn: Connection, model: ModelVersion) -> None:
    new_collection(conn)
    new_subject(conn, "ann")
    made = enrol(conn, "ann", vectors(model, 1)[0], model)
    assert not made.has_crop
    with pytest.raises(CropNotKept):
        faces.crop(conn, "staff", "ann", made.id, master_key=MASTER_KEY)


def test_a_deleted_face_is_gone_with_its_embedding_and_crop(
    conn: Connection, model: ModelVersion, ann: str
) -> None:
    made = enrol(conn, ann, vectors(model, 1)[0], model)
    new_subject(conn, "bob")
    with pytest.raises(FaceNotFound):
        forget_face(conn, "staff", "bob", made.id)
    forget_face(conn, "staff", ann, made.id)
    for missing in (made.id, uuid.uuid4()):
        with pytest.raises(FaceNotFound):
            forget_face(conn, "staff", ann, missing)
        with pytest.raises(FaceNotFound):
            faces.crop(conn, "staff", ann, missing, master_key=MASTER_KEY)
    assert statistics.counts(conn).embeddings == 0
    assert conn.execute("SELECT FROM crop").rowcount == 0


def test_pages_hold_every_face_once_in_the_order_of_enrolment(
    conn: Connection, model: ModelVersion, ann: str
) -> None:
    made = [
        enrol(conn, ann, vector, model, now=NOW + timedelta(milliseconds=number))
        for number, vector in enumerate(vectors(model, 5))
    ]
    first = faces.page(conn, "staff", ann, cursor=None, limit=3)
    second = faces.page(conn, "staff", ann, cursor=first.next_cursor, limit=3)
    assert list(first.items + second.items) == made
    assert second.next_cursor is None


def test_a_half_precision_embedding_keeps_its_length(conn: Connection, model: ModelVersion) -> None:
    # One component of each size that half precision rounds worst.
    new_collection(conn)
    new_subject(conn, "ann")
    spread = np.logspace(-6, 0, model.dimension)
    enrol(conn, "ann", unit(spread), model)
    assert integrity.verify(conn) == ()


@pytest.mark.parametrize(
    ("consent", "said"),
    [
        (replace(CONSENT, expires_at=NOW), "has expired"),
        (replace(CONSENT, withdrawn_at=NOW), "was withdrawn"),
    ],
    ids=["expired", "withdrawn"],
)
def test_nothing_is_added_to_a_subject_whose_consent_has_ended(
    conn: Connection, model: ModelVersion, consent: Consent, said: str
) -> None:
    (ann,) = vectors(model, 1)
    new_collection(conn)
    new_subject(conn, "ann", consent=consent)
    with pytest.raises(ConsentNotInForce, match=said):
        enrol(conn, "ann", ann, model)
