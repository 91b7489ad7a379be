"""What a batch answers for an image is what the single request answers, word for word."""

from pathlib import Path
from typing import Any

import pytest

from bigbrother.face.api.schemas.gallery import EnrolledFaceBody
from bigbrother.face.api.schemas.images import (
    AnalyzeSettings,
    FaceBody,
    IdentifyAnswer,
    MatchBody,
)
from bigbrother.face.batch.records import BatchOptions, NewItem, NewSubjectConsent
from bigbrother.face.engine.types import AnalyzeOptions
from bigbrother.face.gallery import collections, faces, subjects
from bigbrother.face.gallery.records import Consent
from bigbrother.models.samples import sample_photo
from bigbrother.runbook.load import load_runbook
from tests.conftest import Database
from tests.integration.batch.images import blank
from tests.integration.batch.workers import (
    CLIENT,
    MASTER_KEY,
    Submitter,
    now,
    quick_overlay,
    worker_services,
    working,
)

CONSENT = NewSubjectConsent(legal_basis="consent", purpose="tests")


@pytest.fixture
def submitter(database: Database, tmp_path: Path) -> Submitter:
    made = Submitter.of(database, load_runbook(quick_overlay(tmp_path)))
    with made.connection() as conn:
        collections.create(
            conn, "staff", description="", keep_crops=True, retention=None, now=now()
        )
        subjects.create(
            conn,
            "staff",
            "ana",
            name="Ana",
            metadata={},
            consent=Consent("consent", "tests", "", None),
            master_key=MASTER_KEY,
            now=now(),
        )
    return made


def audited(submitter: Submitter) -> list[tuple[Any, ...]]:
    with submitter.connection() as conn:
        return conn.execute(
            "SELECT action, token_name, purpose, result, request_id, subject_ids"
            " FROM audit_record ORDER BY sequence"
        ).fetchall()


def test_an_analysis_answers_as_the_request_for_one_image(submitter: Submitter) -> None:
    options = BatchOptions(embeddings=True, max_faces=1)
    batch_id = submitter.submit([sample_photo()], options=options)
    services = worker_services(submitter.dsn, submitter.runbook)
    with working(services):
        submitter.finished(batch_id)
    (found,) = submitter.each_exactly_once(batch_id)
    single = services.analyzer.analyze(sample_photo(), AnalyzeOptions(embeddings=True, max_faces=1))
    settings = AnalyzeSettings(embeddings=True)
    assert found["result"]["answer"] == {
        "width": single.width,
        "height": single.height,
        "faces_found": single.faces_found,
        "faces": [
            FaceBody.of(face, settings).model_dump(mode="json", exclude_unset=True)
            for face in single.faces
        ],
    }
    assert audited(submitter) == []


def test_an_enrolment_makes_subjects_on_its_way_and_happens_once(submitter: Submitter) -> None:
    photo = sample_photo()
    images = [
        NewItem("1", photo, "ana"),
        NewItem("2", photo, "ana"),
        NewItem("3", photo, "bo", "Bo"),
        NewItem("4", blank(64), "cy", "Cy"),
    ]
    batch_id = submitter.submit(
        images, "enrol", collection="staff", options=BatchOptions(new_subjects=CONSENT)
    )
    with working(worker_services(submitter.dsn, submitter.runbook)):
        submitter.finished(batch_id)
    found = submitter.each_exactly_once(batch_id)
    assert [one["state"] for one in found] == ["succeeded"] * 3 + ["failed"]
    answers = [one["result"]["answer"] for one in found[:3]]
    assert [one["already_enrolled"] for one in answers] == [False, True, False]
    assert [one["subject_created"] for one in answers] == [False, False, True]
    assert answers[0]["id"] == answers[1]["id"]
    assert found[3]["result"]["refusal"]["code"] == "no-face"
    with submitter.connection() as conn:
        page = subjects.page(conn, "staff", cursor=None, limit=10).items
        assert {one.external_id: one.faces for one in page} == {"ana": 1, "bo": 1}
        assert page[1].name == "Bo"
        face = faces.page(conn, "staff", "ana", cursor=None, limit=1).items[0]
    body = EnrolledFaceBody.of(face).model_dump(mode="json", exclude={"external_id"})
    extra = {"subject_id": str(page[0].id), "already_enrolled": False, "subject_created": False}
    assert answers[0] == body | extra
    results = [one[3] for one in audited(submitter)]
    assert sorted(results) == [
        "enrolled",
        "enrolled",
        "refused: face-already-enrolled",
        "refused: no-face",
    ]


def test_an_enrolment_of_an_unknown_subject_fails_alone(submitter: Submitter) -> None:
    photo = sample_photo()
    images = [NewItem("1", photo, "ana"), NewItem("2", photo, "nobody")]
    batch_id = submitter.submit(images, "enrol", collection="staff")
    with working(worker_services(submitter.dsn, submitter.runbook)):
        submitter.finished(batch_id)
    found = submitter.each_exactly_once(batch_id)
    assert [one["state"] for one in found] == ["succeeded", "failed"]
    assert found[1]["result"]["refusal"]["code"] == "subject-not-found"
    assert not found[1]["service_fault"]


def test_an_identification_names_nobody_and_leaves_a_record(submitter: Submitter) -> None:
    photo = sample_photo()
    enrolment = submitter.submit([NewItem("1", photo, "ana")], "enrol", collection="staff")
    with working(worker_services(submitter.dsn, submitter.runbook)):
        submitter.finished(enrolment)
        batch_id = submitter.submit([photo, blank(64)], "identify", collection="staff")
        submitter.finished(batch_id)
    found = submitter.each_exactly_once(batch_id)
    answer = found[0]["result"]["answer"]
    assert set(answer) == set(IdentifyAnswer.model_fields)
    ((match,),) = [face["matches"] for face in answer["faces"]]
    named = MatchBody(
        external_id="ana",
        name="Ana",
        metadata={},
        **{name: match[name] for name in ("face_id", "similarity")},
    )
    whole = {
        **answer,
        "faces": [{**answer["faces"][0], "matches": [named.model_dump(mode="json")]}],
    }
    assert IdentifyAnswer.model_validate(whole).model_dump(mode="json") == whole
    assert match["similarity"] > 0.99
    assert found[1]["result"]["answer"]["faces"] == []
    with submitter.connection() as conn:
        ana = subjects.get(conn, "staff", "ana").id
        kept = conn.execute(
            "SELECT subject_id, number FROM batch_match WHERE batch_id = %s", (batch_id,)
        ).fetchall()
        records = [one for one in audited(submitter) if one[0] == "identify"]
    assert kept == [(ana, 1)]
    who = (CLIENT.token_name, CLIENT.purpose)
    assert [one[1:3] for one in records] == [who, who]
    assert {one[3] for one in records} == {"1 face, 1 match", "0 faces, 0 matches"}
