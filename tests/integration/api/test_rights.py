"""People's rights over HTTP: what is recorded, exported, withdrawn and erased."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import psycopg
import pytest
from PIL import Image
from psycopg import sql

from bigbrother.runbook.model import Runbook
from bigbrother.telemetry.audit.anchors import Anchors
from bigbrother.telemetry.audit.listing import newest_records
from bigbrother.telemetry.audit.records import AuditRecord
from bigbrother.telemetry.audit.verification import verify
from tests.conftest import Cluster, Database
from tests.integration.api import images
from tests.integration.api.conftest import CONSENT, Service, run_service
from tests.waiting import until

SUBJECT = "/v1/collections/rights/subjects/ana"


@pytest.fixture
def ana(client: httpx.Client, photo: bytes) -> Iterator[dict[str, Any]]:
    """A subject with one face, in a collection that keeps crops."""
    client.post("/v1/collections", json={"name": "rights", "keep_crops": True})
    body = {"external_id": "ana", "name": "Ana Souza", "consent": CONSENT, "metadata": {"n": 1}}
    made = client.post("/v1/collections/rights/subjects", json=body)
    assert made.status_code == 201, made.text
    enrolled = client.post(f"{SUBJECT}/faces", files={"image": photo})
    assert enrolled.status_code == 201, enrolled.text
    yield enrolled.json()
    client.delete("/v1/collections/rights")


def records(service: Service, limit: int = 100) -> tuple[AuditRecord, ...]:
    with psycopg.connect(service.database.face_dsn) as conn:
        return newest_records(conn, limit=limit)


def recompressed(photo: bytes) -> bytes:
    """The same picture in another file."""
    buffer = io.BytesIO()
    Image.open(io.BytesIO(photo)).save(buffer, "PNG")
    return buffer.getvalue()


def newest(service: Service) -> AuditRecord:
    return records(service, 1)[0]


@pytest.mark.usefixtures("ana")
def test_every_use_of_a_face_is_recorded_with_who_whom_what_for_and_result(
    service: Service, client: httpx.Client, photo: bytes
) -> None:
    enrolled = newest(service).entry
    assert (enrolled.action, enrolled.result) == ("enrol", "enrolled")
    assert enrolled.purpose == CONSENT["purpose"]
    assert enrolled.token_name == "test admin"  # noqa: S105 - a name
    (ana,) = enrolled.subject_ids

    identify = "/v1/collections/rights/identify"
    purpose = {"X-Purpose": quote("portão norte"), "X-Request-ID": "gate-1"}
    reader = service.client("reader")
    reader.post(identify, files={"image": photo}, headers=purpose)
    seen = newest(service).entry
    assert (seen.action, seen.result, seen.subject_ids) == ("identify", "1 face, 1 match", (ana,))
    assert (seen.token_name, seen.purpose, seen.request_id) == (
        "test reader",
        "portão norte",
        "gate-1",
    )
    assert seen.collection_id == enrolled.collection_id

    client.post(identify, files={"image": images.png(64, 64)})
    stranger = newest(service).entry
    assert (stranger.result, stranger.subject_ids, stranger.purpose) == (
        "0 faces, 0 matches",
        (),
        "",
    )

    refused = client.post(f"{SUBJECT}/faces", files={"image": photo})
    assert refused.status_code == 409
    assert newest(service).entry.result == "refused: face-already-enrolled"
    assert client.post(f"{SUBJECT}/faces", files={"image": images.png(64, 64)}).status_code == 422
    assert newest(service).entry.result == "refused: no-face"
    assert client.post(f"{SUBJECT}/faces", files={"image": b"no image"}).status_code == 415
    assert newest(service).entry.result == "refused: image-format-unsupported"
    assert newest(service).entry.subject_ids == (ana,)

    assert client.delete(SUBJECT).status_code == 204
    erased = newest(service).entry
    assert (erased.action, erased.result, erased.subject_ids) == ("erase", "erased 1 face", (ana,))
    with psycopg.connect(service.database.face_dsn) as conn:
        assert verify(conn, key=service.services.audit_key, anchors=()).findings == ()
        held = conn.execute("SELECT string_agg(a::text, '') FROM audit_record a").fetchone()
    assert held is not None
    assert "Ana Souza" not in held[0]


@pytest.mark.usefixtures("ana")
def test_what_changes_nothing_and_shows_nobody_is_not_recorded(
    service: Service, client: httpx.Client, photo: bytes
) -> None:
    before = newest(service).sequence
    client.post("/v1/analyze", files={"image": photo})
    assert client.delete("/v1/collections/rights/subjects/nobody").status_code == 404
    assert client.get("/v1/collections/rights/subjects/nobody/export").status_code == 404
    assert service.client("reader").get(f"{SUBJECT}/export").status_code == 403
    assert newest(service).sequence == before


@pytest.mark.usefixtures("ana")
def test_an_enrolment_that_is_repeated_with_its_key_is_recorded_once(
    service: Service, client: httpx.Client, photo: bytes
) -> None:
    other = recompressed(photo)
    before = newest(service).sequence
    for _ in range(2):
        answer = client.post(
            f"{SUBJECT}/faces", files={"image": other}, headers={"Idempotency-Key": "once"}
        )
        assert answer.status_code == 201
    assert newest(service).sequence == before + 1


@pytest.mark.parametrize(
    "purpose",
    ["a%0Ab", "a%00b", "%", "%G1", "%ff%fe", "x" * 201, quote("é" * 201)],
)
def test_a_purpose_that_cannot_be_one_is_refused(client: httpx.Client, purpose: str) -> None:
    answer = client.delete("/v1/collections/nowhere", headers={"X-Purpose": purpose})
    assert answer.status_code == 422, answer.text
    assert answer.json()["type"] == "urn:bigbrother:problem:purpose-not-valid"


def test_several_purposes_are_none(client: httpx.Client) -> None:
    headers = [("X-Purpose", "a"), ("X-Purpose", "b")]
    answer = client.delete("/v1/collections/nowhere", headers=headers)
    assert answer.json()["type"] == "urn:bigbrother:problem:purpose-not-valid"
    longest = {"X-Purpose": quote("é" * 200)}
    assert client.delete("/v1/collections/nowhere", headers=longest).status_code == 404


def test_where_the_document_asks_for_a_purpose_nothing_happens_without(
    cluster: Cluster, runbook: Runbook, photo: bytes
) -> None:
    database = cluster.new_database()
    audit = runbook.audit.model_copy(update={"purpose_required": True})
    for service in run_service(database, runbook.model_copy(update={"audit": audit})):
        client = service.client()
        client.post("/v1/collections", json={"name": "staff"})
        client.post("/v1/collections/staff/subjects", json={"external_id": "a", "consent": CONSENT})
        one = "/v1/collections/staff/subjects/a"
        for method, path, files in (
            ("POST", "/v1/collections/staff/identify", {"image": photo}),
            ("POST", f"{one}/faces", {"image": photo}),
            ("GET", f"{one}/export", None),
            ("DELETE", one, None),
            ("DELETE", "/v1/collections/staff", None),
        ):
            answer = client.request(method, path, files=files)
            assert answer.status_code == 422, (method, path, answer.text)
            assert answer.json()["type"] == "urn:bigbrother:problem:purpose-missing"
        assert records(service) == ()
        assert client.delete(one, headers={"X-Purpose": "request%20of%20the%20person"}).is_success
    cluster.drop(database)


def test_an_export_holds_everything_and_says_what_is_what(
    service: Service, client: httpx.Client, ana: dict[str, Any], photo: bytes
) -> None:
    client.post("/v1/collections/rights/identify", files={"image": photo})
    answer = client.get(f"{SUBJECT}/export")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    assert "Ana" not in answer.headers["content-disposition"]
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    digests = json.loads(archive.read("MANIFEST.json"))["sha256"]
    assert set(digests) | {"MANIFEST.json"} == set(archive.namelist())
    for name, digest in digests.items():
        assert hashlib.sha256(archive.read(name)).hexdigest() == digest
    subject = json.loads(archive.read("subject.json"))
    assert subject["name"] == "Ana Souza"
    assert subject["consent"]["purpose"] == CONSENT["purpose"]
    face = json.loads(archive.read(f"faces/{ana['id']}.json"))
    assert face["image_sha256"] == hashlib.sha256(photo).hexdigest()
    crop = client.get(f"{SUBJECT}/faces/{ana['id']}/crop").content
    assert archive.read(f"faces/{ana['id']}.png") == crop
    (embedding,) = [name for name in digests if name.startswith("embeddings/")]
    figures = json.loads(archive.read(embedding))
    assert abs(sum(figure**2 for figure in figures) - 1) < 1e-3
    audit = json.loads(archive.read("audit.json"))
    assert [one["action"] for one in audit] == ["enrol", "identify"]
    assert json.loads(archive.read("batches.json")) == []
    readme = archive.read("README.txt").decode()
    assert all(name.split("/")[0] in readme for name in digests if name != "README.txt")
    assert (newest(service).entry.action, newest(service).entry.result) == ("export", "exported")


@pytest.mark.usefixtures("ana")
def test_an_export_leaves_nothing_in_the_spool(service: Service, client: httpx.Client) -> None:
    before = set(service.services.spool.iterdir())
    assert client.get(f"{SUBJECT}/export").is_success
    assert set(service.services.spool.iterdir()) == before


@pytest.mark.usefixtures("ana")
def test_a_withdrawn_consent_ends_matching_and_stands_in_the_ledger(
    service: Service, client: httpx.Client, photo: bytes
) -> None:
    lines = service.services.ledger.newest()
    withdrawn = {"consent": {"withdrawn_at": "2029-01-01T00:00:00Z"}}
    for _ in range(2):
        assert client.patch(SUBJECT, json=withdrawn).is_success
    assert service.services.ledger.newest() == lines + 1
    answer = client.post("/v1/collections/rights/identify", files={"image": photo})
    assert answer.json()["faces"][0]["matches"] == []
    assert client.patch(SUBJECT, json={"consent": {"withdrawn_at": None}}).is_success
    assert client.patch(SUBJECT, json={"name": "Ana"}).is_success
    answer = client.post("/v1/collections/rights/identify", files={"image": photo})
    assert [one["external_id"] for one in answer.json()["faces"][0]["matches"]] == ["ana"]
    assert service.services.ledger.newest() == lines + 1


@pytest.mark.usefixtures("ana")
def test_a_damaged_ledger_refuses_erasures_and_says_so(
    service: Service, client: httpx.Client
) -> None:
    path = service.services.ledger.path
    whole = path.read_bytes()
    path.write_bytes(b"x" + whole)
    answer = client.delete(SUBJECT)
    path.write_bytes(whole)
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:bigbrother:problem:ledger-damaged"
    assert "Put the file back" in answer.json()["remedy"]
    assert client.get(SUBJECT).is_success


def test_a_restored_older_copy_answers_nothing_until_the_erasures_are_carried_out(
    cluster: Cluster, runbook: Runbook, photo: bytes, tmp_path: Path
) -> None:
    database, copy = cluster.new_database(), cluster.new_database()
    ledger = tmp_path / "erasures.jsonl"
    for service in run_service(database, runbook, folder=tmp_path):
        client = service.client()
        client.post("/v1/collections", json={"name": "staff"})
        client.post("/v1/collections/staff/subjects", json={"external_id": "a", "consent": CONSENT})
        client.post("/v1/collections/staff/subjects/a/faces", files={"image": photo})
    restore(cluster, database, copy)
    for service in run_service(database, runbook, folder=tmp_path):
        assert service.client().delete("/v1/collections/staff/subjects/a").status_code == 204
    written = ledger.read_bytes()
    ledger.write_bytes(b"damaged\n" + written)
    for service in run_service(copy, runbook, folder=tmp_path, ready=False):
        refuses_until_the_ledger_is_mended(service, ledger, written)
        key = service.services.audit_key
        noted = Anchors(tmp_path, service.services.master_key.derive(b"anchors")).read()
    with psycopg.connect(copy.face_dsn) as conn:
        # Both copies have a second record of their own: the chain of the copy is not the one
        # that was noted, and verification says so.
        assert [one.kind for one in verify(conn, key=key, anchors=noted).findings] == ["replaced"]
    for each in (database, copy):
        cluster.drop(each)


def restore(cluster: Cluster, database: Database, copy: Database) -> None:
    """Makes the second database what the first is now."""
    names = [
        sql.Identifier(str(psycopg.conninfo.conninfo_to_dict(one.face_dsn)["dbname"]))
        for one in (copy, database)
    ]
    with psycopg.connect(cluster.server.superuser_dsn(), autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE {}").format(names[0]))
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER bigbrother").format(*names))


def refuses_until_the_ledger_is_mended(service: Service, ledger: Path, written: bytes) -> None:
    client = service.client()
    until(lambda: client.get("/readyz").json()["checks"]["database"]["status"] == "passed")
    refused = client.get("/v1/collections/staff/subjects/a")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    until(lambda: "ledger-damaged" in client.get("/v1/collections").text)
    unready = client.get("/readyz")
    assert unready.status_code == 503
    assert "ledger" in unready.json()["checks"]["erasures"]["detail"]
    assert client.get("/livez").is_success
    ledger.write_bytes(written)
    until(lambda: client.get("/readyz").is_success)
    assert client.get("/v1/collections/staff/subjects/a").status_code == 404
    last = newest(service)
    assert last.entry.result == "erased 1 face, repeated from the ledger"
    assert last.entry.token_id is None
