"""Batches over HTTP: taken in whole or not at all, told of while they run, and left clean."""

import io
import json
import resource
import socket
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from bigbrother.kernel.quantity import Quantity
from bigbrother.runbook.load import load_runbook
from tests.conftest import Cluster
from tests.integration.api.conftest import Service, run_service
from tests.integration.batch.sending import (
    PICTURE,
    Parts,
    archived,
    code,
    end,
    figures,
    form,
    lines,
    made,
    send,
    stored,
)
from tests.unit.batch.archives import overlapping_bomb, zipped
from tests.waiting import until


@pytest.fixture(scope="module")
def service(cluster: Cluster) -> Iterator[Service]:
    """One service for this file; nobody works on its batches."""
    database = cluster.new_database()
    yield from run_service(database, load_runbook())
    cluster.drop(database)


@pytest.fixture(scope="module")
def client(service: Service) -> httpx.Client:
    return service.client()


def test_a_batch_is_taken_in_and_told_of(client: httpx.Client) -> None:
    request = {"kind": "analyze", "priority": "high", "options": {"embeddings": True}}
    answer = send(client, form(request, ("a.png", PICTURE), ("b.txt", b"text")))
    assert answer.status_code == 202
    body = answer.json()
    assert answer.headers["location"] == f"/v1/batches/{body['id']}"
    assert (body["state"], body["priority"], body["items"]) == ("running", "high", 2)
    assert (body["pending"], body["failed"], body["last_position"]) == (1, 1, 1)
    assert body["options"]["embeddings"] is True
    assert client.get(answer.headers["location"]).json() == body
    assert body in client.get("/v1/batches", params={"state": "running"}).json()["items"]
    results = client.get(f"{answer.headers['location']}/results")
    assert results.headers["content-type"] == "application/x-ndjson"
    (line,) = lines(results)
    assert (line["number"], line["name"], line["state"]) == (2, "b.txt", "failed")
    assert line["error"].keys() == {"code", "title", "detail", "remedy", "service_fault"}
    assert line["error"]["code"] == "image-format-unsupported"


def test_an_archive_is_taken_in(client: httpx.Client) -> None:
    data = zipped(("ana/1.png", PICTURE), ("../up.png", PICTURE))
    answer = send(client, archived({"kind": "analyze"}, data))
    assert (answer.status_code, answer.json()["failed"]) == (202, 1)
    assert lines(client.get(f"{answer.headers['location']}/results"))[0]["name"] == "../up.png"


@pytest.mark.parametrize(
    ("data", "status", "problem"),
    [
        (b"text", 415, "archive-format-unsupported"),
        (overlapping_bomb(), 422, "archive-hostile"),
        (zipped(("a.png", PICTURE))[:-30], 422, "archive-damaged"),
        (zipped(), 422, "batch-empty"),
    ],
)
def test_archives_that_cannot_be_taken_are_refused(
    client: httpx.Client, data: bytes, status: int, problem: str
) -> None:
    answer = send(client, archived({"kind": "analyze"}, data))
    assert (answer.status_code, code(answer)) == (status, problem)


def test_a_folder_is_taken_in_where_it_is_allowed(service: Service, client: httpx.Client) -> None:
    (allowed,) = service.services.batch_folders
    (allowed / "ana").mkdir(parents=True, exist_ok=True)
    (allowed / "ana" / "1.png").write_bytes(PICTURE)
    answer = client.post("/v1/batches", json={"kind": "analyze", "folder": str(allowed)})
    assert (answer.status_code, answer.json()["items"]) == (202, 1)
    other = client.post("/v1/batches", json={"kind": "analyze", "folder": "/etc"})
    assert (other.status_code, code(other)) == (403, "folder-not-allowed")
    assert "batch_folders" in other.json()["remedy"]


ANALYZE = form({"kind": "analyze"}, ("a.png", PICTURE))


@pytest.mark.parametrize(
    "parts",
    [
        ANALYZE[1:],
        ANALYZE[::-1],
        [*ANALYZE, ANALYZE[0]],
        [*ANALYZE, ("archive", ("a.zip", b"x"))],
        [*archived({"kind": "analyze"}, b"x"), ANALYZE[1]],
        [*ANALYZE, ("other", (None, b"x"))],
        form({"kind": "analyze", "collection": "staff"}, ("a.png", PICTURE)),
        form({"kind": "identify"}, ("a.png", PICTURE)),
        form({"kind": "dance"}, ("a.png", PICTURE)),
        form({"kind": "analyze", "chunk": 257}, ("a.png", PICTURE)),
        form({"kind": "analyze", "chunk": 0}, ("a.png", PICTURE)),
        form({"kind": "analyze", "options": {"limit": 101}}, ("a.png", PICTURE)),
        form({"kind": "analyze", "items": []}, ("a.png", PICTURE)),
        archived({"kind": "analyze", "items": [{}]}, zipped(("a.png", PICTURE))),
        form({"kind": "analyze", "webhook": {"url": "http://127.0.0.1/", "secret": "s"}}),
        form({"kind": "analyze"}),
    ],
)
def test_requests_that_make_no_sense_are_refused(
    service: Service, client: httpx.Client, parts: Parts
) -> None:
    before = stored(service)
    answer = send(client, parts)
    assert answer.status_code == 422, answer.text
    assert answer.json()["remedy"]
    assert stored(service) == before


def test_every_kind_needs_its_permission(service: Service, client: httpx.Client) -> None:
    client.post("/v1/collections", json={"name": "doors"})
    reader = service.client("reader")
    images = [("ana/1.png", PICTURE)]
    for kind, role in (("identify", reader), ("enrol", service.client("writer"))):
        request = {"kind": kind, "collection": "doors"}
        assert send(role, form(request, *images)).status_code == 202
    refused = send(reader, form({"kind": "enrol", "collection": "doors"}, *images))
    assert (refused.status_code, code(refused)) == (403, "forbidden")
    missing = send(client, form({"kind": "enrol", "collection": "nowhere"}, *images))
    assert (missing.status_code, code(missing)) == (404, "collection-not-found")
    assert send(service.client(None), ANALYZE).status_code == 401


def test_a_batch_is_its_clients_own(service: Service, client: httpx.Client) -> None:
    writer, reader = service.client("writer"), service.client("reader")
    path = made(writer)
    for method, place in (
        ("GET", path),
        ("GET", f"{path}/results"),
        ("POST", f"{path}/cancel"),
        ("POST", f"{path}/retry"),
        ("DELETE", path),
    ):
        answer = reader.request(method, place)
        assert (answer.status_code, code(answer)) == (404, "batch-not-found")
    ids = [one["id"] for one in reader.get("/v1/batches").json()["items"]]
    assert path.rpartition("/")[2] not in ids
    assert client.get(path).status_code == 200
    assert writer.delete(path).status_code == 204
    assert writer.get(path).status_code == 404


def test_batches_are_listed_newest_first_page_by_page(service: Service) -> None:
    client = service.client("writer")
    paths = [made(client, 1) for _ in range(3)]
    first = client.get("/v1/batches", params={"limit": 2}).json()
    second = client.get("/v1/batches", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    found = [one["id"] for one in (*first["items"], *second["items"])][:3]
    assert found == [path.rpartition("/")[2] for path in reversed(paths)]


def test_the_same_key_makes_one_batch(service: Service, client: httpx.Client) -> None:
    before, key = stored(service), str(uuid4())
    answers = [send(client, ANALYZE, **{"Idempotency-Key": key}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].content == answers[1].content
    assert answers[1].headers["idempotency-replayed"] == "true"
    assert stored(service) == before + 1
    for parts in (
        form({"kind": "analyze"}, ("b.png", PICTURE)),
        form({"kind": "analyze"}, ("a.png", PICTURE + b"x")),
        form({"kind": "analyze", "priority": "low"}, ("a.png", PICTURE)),
    ):
        other = send(client, parts, **{"Idempotency-Key": key})
        assert code(other) == "idempotency-key-reused"
    client.delete(answers[0].headers["location"])
    assert send(client, ANALYZE, **{"Idempotency-Key": key}).status_code == 202


def test_sizes_out_of_bounds_are_refused(service: Service, client: httpx.Client) -> None:
    images = [(f"{number}.png", PICTURE) for number in range(3)]
    large = [("large.png", PICTURE + bytes(5000)), ("small.png", PICTURE)]
    with figures(service, "batch", items=2):
        answer = send(client, form({"kind": "analyze"}, *images))
        assert (answer.status_code, code(answer)) == (422, "batch-too-many-items")
    with figures(service, "batch", size=Quantity(200, "size", "200 B")):
        answer = send(client, form({"kind": "analyze"}, *images))
        assert (answer.status_code, code(answer)) == (413, "batch-too-large")
    with figures(service, "batch", waiting_items=1):
        answer = send(client, form({"kind": "analyze"}, *images))
        assert (answer.status_code, code(answer)) == (503, "batch-queue-full")
        assert int(answer.headers["retry-after"]) >= 1
    with figures(service, "limits", image_size=Quantity(4000, "size", "4 kB")):
        answer = send(client, form({"kind": "analyze"}, *large))
        assert (answer.status_code, answer.json()["failed"]) == (202, 1)
        (line,) = lines(client.get(f"{answer.headers['location']}/results"))
        assert (line["name"], line["error"]["code"]) == ("large.png", "image-too-large")


def test_a_disk_without_room_refuses_the_batch_and_keeps_nothing(
    service: Service, client: httpx.Client
) -> None:
    before, limits = stored(service), resource.getrlimit(resource.RLIMIT_FSIZE)
    images = [(f"{number}.png", PICTURE + bytes(9_000)) for number in range(20)]
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        answer = send(client, form({"kind": "analyze"}, *images))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (answer.status_code, code(answer)) == (507, "storage-full")
    assert stored(service) == before
    assert list(service.services.spool.glob("**/*.png")) == [
        *service.services.spool.glob("photos/**/*.png")
    ]
    assert send(client, form({"kind": "analyze"}, *images)).status_code == 202


def test_a_client_that_leaves_in_mid_upload_leaves_nothing(
    service: Service, client: httpx.Client
) -> None:
    before, files = stored(service), open_spool_files(service)
    request = httpx.Request("POST", f"{service.url}/v1/batches", files=ANALYZE)
    body = request.read() + bytes(3_000_000)
    headers = {
        "Host": "x",
        "Authorization": client.headers["authorization"],
        "Content-Type": request.headers["content-type"],
        "Content-Length": str(len(body)),
    }
    head = "POST /v1/batches HTTP/1.1\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
    host, port = service.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as line:
        line.sendall(head.encode() + body[: len(body) // 2])
        until(lambda: open_spool_files(service) == files + 1)
    until(lambda: open_spool_files(service) == files)
    assert stored(service) == before


def open_spool_files(service: Service) -> int:
    """Files in the spool that this process holds open; they have no name."""
    count = 0
    for link in Path("/proc/self/fd").iterdir():
        try:
            target = str(link.readlink())
        except FileNotFoundError:
            continue
        count += target.startswith(str(service.services.spool)) and "deleted" in target
    return count


def test_results_are_followed_until_the_batch_ends(service: Service, client: httpx.Client) -> None:
    path = made(client, 4)
    heard: list[dict[str, Any]] = []
    blank = threading.Event()

    def follow() -> None:
        with service.client().stream("GET", f"{path}/results?follow=true") as answer:
            for line in answer.iter_lines():
                if line:
                    heard.append(json.loads(line))
                else:
                    blank.set()

    with figures(service, "batch", follow_keepalive=Quantity(0.1, "duration", "100ms")):
        follower = threading.Thread(target=follow)
        follower.start()
        end(service, path, 2)
        until(lambda: len(heard) == 1)
        assert blank.wait(5)
        end(service, path, 4, 1)
        until(lambda: len(heard) == 3)
        assert follower.is_alive()
        end(service, path, 3)
        follower.join(10)
    assert not follower.is_alive()
    assert [(one["position"], one["number"]) for one in heard] == [(1, 2), (2, 4), (3, 1), (4, 3)]
    assert lines(client.get(f"{path}/results?after=2"))[0]["number"] == 1
    assert lines(client.get(f"{path}/results?follow=true&after=4")) == []


def test_followers_are_sent_away_when_the_unit_leaves_and_when_the_batch_does(
    service: Service, client: httpx.Client
) -> None:
    path = made(client)

    def leave() -> None:
        service.services.draining = True

    for end_of_line in (leave, lambda: client.delete(path)):
        with service.client().stream("GET", f"{path}/results?follow=true") as answer:
            assert answer.status_code == 200
            end_of_line()
            assert answer.read() == b""
        service.services.draining = False


def test_a_cancelled_batch_says_so_again(service: Service, client: httpx.Client) -> None:
    path = made(client)
    end(service, path, 1)
    answers = [client.post(f"{path}/cancel") for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert (answers[0].json()["state"], answers[0].json()["cancelled"]) == ("cancelled", 2)
    states = [line["state"] for line in lines(client.get(f"{path}/results?follow=true"))]
    assert states == ["succeeded", "cancelled", "cancelled"]
    nothing = client.post(f"{path}/retry")
    assert (nothing.status_code, code(nothing)) == (409, "batch-nothing-to-retry")


def test_the_metrics_tell_of_batches(service: Service, client: httpx.Client) -> None:
    made(client)
    text = client.get("/metrics").text
    for family in ('queue_items{priority="normal"}', 'results{state="failed"}', "workers"):
        assert f"bigbrother_batch_{family} " in text
    assert "bigbrother_batch_oldest_waiting_seconds " in text


def test_names_and_ids_of_items_come_from_the_request(
    service: Service, client: httpx.Client
) -> None:
    client.post("/v1/collections", json={"name": "gate"})
    items = [{"external_id": "ana"}, {"name": "front.png"}, {}]
    request = {"kind": "enrol", "collection": "gate", "items": items}
    images = [("x.png", PICTURE), ("y.png", PICTURE), ("bia/z.png", PICTURE)]
    path = send(client, form(request, *images)).headers["location"]
    client.post(f"{path}/cancel")
    told = {one["number"]: one for one in lines(client.get(f"{path}/results"))}
    assert [told[n]["external_id"] for n in (1, 2, 3)] == ["ana", None, "bia"]
    assert [told[n]["name"] for n in (1, 2, 3)] == ["x.png", "front.png", "bia/z.png"]
    assert told[2]["error"]["code"] == "external-id-missing"


def test_an_archive_of_thousands_is_taken_in_and_destroyed(client: httpx.Client) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for number in range(3000):
            archive.writestr(f"{number}.png", PICTURE)
    answer = send(client, archived({"kind": "analyze", "chunk": 256}, data.getvalue()))
    assert (answer.status_code, answer.json()["items"]) == (202, 3000)
    assert client.delete(answer.headers["location"]).status_code == 204
