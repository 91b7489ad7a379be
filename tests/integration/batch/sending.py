"""Batches as clients send them over HTTP, and as workers end their items."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import httpx
import psycopg

from bigbrother.adapters.clock import SystemClock
from bigbrother.face.batch.endings import Ending, end_items
from bigbrother.face.batch.sealing import seal_of
from tests.integration.api.conftest import Service
from tests.unit.batch.archives import picture

PICTURE = picture()
NOW = SystemClock().now()
Parts = list[tuple[str, Any]]


def form(request: dict[str, Any], *images: tuple[str, bytes]) -> Parts:
    """The parts of a batch's form."""
    text = json.dumps(request).encode()
    parts: Parts = [("request", (None, text, "application/json"))]
    return parts + [("image", (name, data, "image/png")) for name, data in images]


def archived(request: dict[str, Any], data: bytes) -> Parts:
    return [*form(request), ("archive", ("a.zip", data, "application/zip"))]


def send(client: httpx.Client, parts: Parts, **headers: str) -> httpx.Response:
    return client.post("/v1/batches", files=parts, headers=headers)


def made(client: httpx.Client, count: int = 3) -> str:
    """The path of a batch of small pictures."""
    images = [(f"{number}.png", PICTURE) for number in range(1, count + 1)]
    answer = send(client, form({"kind": "analyze"}, *images))
    assert answer.status_code == 202, answer.text
    return answer.headers["location"]


def code(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).rpartition(":")[2]


def lines(answer: httpx.Response) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.text.splitlines() if line]


@contextmanager
def figures(service: Service, section: str, **changed: Any) -> Iterator[None]:  # noqa: ANN401
    """The document with other figures for a moment."""
    kept = service.services.runbook
    old = getattr(kept, section)
    service.services.runbook = kept.model_copy(update={section: old.model_copy(update=changed)})
    try:
        yield
    finally:
        service.services.runbook = kept


def end(service: Service, path: str, *numbers: int) -> None:
    """Ends items as a worker does."""
    batch_id = UUID(path.rpartition("/")[2])
    with psycopg.connect(service.database.face_dsn) as conn:
        seal = seal_of(conn, batch_id, service.services.master_key)
        ended = [
            Ending(number, "succeeded", seal.result(number, {"answer": {"n": 1}, "refusal": None}))
            for number in numbers
        ]
        end_items(conn, batch_id, ended, now=NOW)


def stored(service: Service) -> int:
    with psycopg.connect(service.database.owner_dsn) as conn:
        found = conn.execute("SELECT count(*) FROM batch").fetchone()
    return 0 if found is None else int(found[0])
