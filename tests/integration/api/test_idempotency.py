"""A creation with a key happens once, whatever breaks in between."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import psycopg
import pytest

from bigbrother.adapters.clock import SystemClock
from bigbrother.face.api.idempotency import purge
from tests.integration.api import images
from tests.integration.api.conftest import CONSENT, Service


@pytest.fixture
def name(client: httpx.Client) -> Iterator[str]:
    """The name of a collection that a test may make."""
    made = f"c{uuid4().hex[:12]}"
    yield made
    client.delete(f"/v1/collections/{made}")


def keyed(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


def test_the_same_key_gives_the_first_answer_again(client: httpx.Client, name: str) -> None:
    body = {"name": name, "description": "x"}
    first = client.post("/v1/collections", json=body, headers=keyed(name))
    second = client.post("/v1/collections", json=dict(reversed(body.items())), headers=keyed(name))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert first.headers["location"] == second.headers["location"]
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"


def test_the_same_key_for_another_request_is_refused(client: httpx.Client, name: str) -> None:
    client.post("/v1/collections", json={"name": name}, headers=keyed(name))
    other = client.post("/v1/collections", json={"name": "other"}, headers=keyed(name))
    assert other.status_code == 422
    assert other.json()["type"] == "urn:bigbrother:problem:idempotency-key-reused"
    path = f"/v1/collections/{name}/subjects"
    subject = {"external_id": "a", "consent": CONSENT}
    assert client.post(path, json=subject, headers=keyed(name)).status_code == 422


def test_a_refused_creation_leaves_the_key_free(client: httpx.Client, name: str) -> None:
    bad = client.post("/v1/collections", json={"name": "NO"}, headers=keyed(name))
    assert bad.status_code == 422
    client.post("/v1/collections", json={"name": name})
    taken = client.post("/v1/collections", json={"name": name}, headers=keyed(name))
    assert taken.status_code == 409
    client.delete(f"/v1/collections/{name}")
    good = client.post("/v1/collections", json={"name": name}, headers=keyed(name))
    assert good.status_code == 201
    assert "idempotency-replayed" not in good.headers


def test_a_key_belongs_to_its_token(service: Service, client: httpx.Client, name: str) -> None:
    assert client.post("/v1/collections", json={"name": name}, headers=keyed(name)).is_success
    other = service.client("writer").post(
        "/v1/collections", json={"name": name}, headers=keyed(name)
    )
    assert other.status_code == 409


def test_of_many_at_once_one_creates_and_all_get_its_answer(
    service: Service, client: httpx.Client, name: str
) -> None:
    barrier = threading.Barrier(8)

    def create(_: int) -> httpx.Response:
        barrier.wait()
        return client.post("/v1/collections", json={"name": name}, headers=keyed(name))

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(create, range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1


def test_a_second_request_that_waits_too_long_is_told_so(
    service: Service, client: httpx.Client, name: str
) -> None:
    key = name
    with psycopg.connect(service.database.owner_dsn) as first:
        (token_id,) = first.execute("SELECT id FROM api_token WHERE role = 'admin'").fetchone() or (
            None,
        )
        first.execute(
            "INSERT INTO idempotency (token_id, key, request_sha256, created_at, expires_at)"
            " VALUES (%s, %s, sha256('x'), %s, %s)",
            (token_id, key, *[SystemClock().now() + timedelta(hours=h) for h in (0, 1)]),
        )
        answer = client.post("/v1/collections", json={"name": name}, headers=keyed(key))
        first.rollback()
    assert answer.status_code == 409, answer.text
    assert answer.json()["type"] == "urn:bigbrother:problem:idempotency-key-in-use"
    assert client.post("/v1/collections", json={"name": name}, headers=keyed(key)).is_success


def test_enrolment_repeats_whatever_the_encoding(
    client: httpx.Client, name: str, photo: bytes
) -> None:
    client.post("/v1/collections", json={"name": name})
    subject = f"/v1/collections/{name}/subjects"
    body = {"external_id": "a", "consent": CONSENT}
    made = client.post(subject, json=body, headers=keyed(f"{name}-s"))
    again = client.post(subject, json=body, headers=keyed(f"{name}-s"))
    assert made.content == again.content
    faces = f"{subject}/a/faces"
    first = client.post(faces, files={"image": photo}, headers=keyed(f"{name}-f"))
    assert first.status_code == 201, first.text
    second = client.post(faces, json={"image": images.b64(photo)}, headers=keyed(f"{name}-f"))
    assert second.content == first.content
    assert second.headers["idempotency-replayed"] == "true"
    changed = client.post(
        faces, files={"image": photo}, data={"prominent": "true"}, headers=keyed(f"{name}-f")
    )
    assert changed.json()["type"] == "urn:bigbrother:problem:idempotency-key-reused"
    unkeyed = client.post(faces, files={"image": photo})
    assert unkeyed.json()["type"] == "urn:bigbrother:problem:face-already-enrolled"
    assert len(client.get(faces).json()["items"]) == 1


def test_an_answer_about_an_erased_subject_is_erased_too(
    service: Service, client: httpx.Client, name: str
) -> None:
    client.post("/v1/collections", json={"name": name})
    subject = f"/v1/collections/{name}/subjects"
    body = {"external_id": "secret-person", "consent": CONSENT}
    client.post(subject, json=body, headers=keyed(f"{name}-s"))
    client.delete(f"{subject}/secret-person")
    with psycopg.connect(service.database.owner_dsn) as conn:
        kept = conn.execute("SELECT convert_from(body, 'UTF8') FROM idempotency").fetchall()
    assert "secret-person" not in str(kept)
    assert client.post(subject, json=body, headers=keyed(f"{name}-s")).status_code == 201


def test_an_expired_key_is_a_new_key(service: Service, client: httpx.Client, name: str) -> None:
    client.post("/v1/collections", json={"name": name}, headers=keyed(name))
    with psycopg.connect(service.database.owner_dsn) as conn:
        conn.execute(
            "UPDATE idempotency SET expires_at = %s WHERE key = %s",
            (datetime(2020, 1, 1, tzinfo=UTC), name),
        )
    again = client.post("/v1/collections", json={"name": name}, headers=keyed(name))
    assert again.json()["type"] == "urn:bigbrother:problem:collection-exists"
    with psycopg.connect(service.database.face_dsn) as conn:
        purge(conn, SystemClock().now())
        left = conn.execute("SELECT key FROM idempotency WHERE key = %s", (name,)).fetchall()
    assert left == []
