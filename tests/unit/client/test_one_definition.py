"""Both clients come from one definition: typed, named and documented alike."""

import asyncio
import inspect
from collections.abc import AsyncGenerator, Generator, Iterator
from pathlib import Path
from typing import Any, assert_type

import pytest

from bigbrother.client.batch_answers import Batch, ItemResult
from bigbrother.client.face_client import AsyncFaceClient, FaceAnalyzer, FaceClient
from bigbrother.client.gallery import Subjects
from bigbrother.client.resource import Method, Streaming
from bigbrother.client.results import Health, Identification, ModelPack, Subject
from tests.fakes.face_api import Answer, FaceApi
from tests.unit.client.answers import COLLECTION, SUBJECT


def blocking(client: FaceClient) -> None:
    """Read by mypy; never run."""
    assert_type(client.subjects.get("staff", "ana"), Subject)
    assert_type(client.subjects.list("staff"), Generator[Subject, None, None])
    assert_type(client.subjects.delete("staff", external_id="ana", purpose="asked"), None)
    assert_type(client.subjects.export("staff", "ana"), bytes)
    assert_type(client.subjects.export_to("ana.zip", "staff", "ana"), Path)
    assert_type(client.identify("staff", b"", limit=3), Identification)
    assert_type(client.models(), tuple[ModelPack, ...])
    assert_type(client.health(), Health)
    assert_type(client.batches.submit("analyze", ["1.jpg"]), Batch)
    assert_type(client.batches.results("b", follow=True), Generator[ItemResult, None, None])
    assert_type(client.batches.wait("b"), Batch)
    client.subjects.get("staff", 7)  # type: ignore[arg-type]
    client.subjects.get("staff")  # type: ignore[call-arg]
    client.batches.submit("dance")  # type: ignore[arg-type]
    client.batches.wait("b", patience=3)  # type: ignore[call-arg]


async def waiting(client: AsyncFaceClient) -> None:
    """Read by mypy; never run."""
    assert_type(await client.subjects.get("staff", "ana"), Subject)
    assert_type(client.subjects.list("staff"), AsyncGenerator[Subject, None])
    assert_type(await client.subjects.delete("staff", external_id="ana", purpose="asked"), None)
    assert_type(await client.subjects.export("staff", "ana"), bytes)
    assert_type(await client.identify("staff", b"", limit=3), Identification)
    assert_type(await client.batches.submit("analyze", ["1.jpg"]), Batch)
    assert_type(client.batches.results("b", follow=True), AsyncGenerator[ItemResult, None])
    assert_type(await client.batches.wait("b"), Batch)
    async for result in client.batches.results("b"):
        assert_type(result, ItemResult)
    async with asyncio.TaskGroup() as tasks:
        assert_type(tasks.create_task(client.subjects.get("staff", "ana")), asyncio.Task[Subject])
    await client.subjects.get("staff", 7)  # type: ignore[arg-type]


def test_a_method_shows_what_it_takes_what_it_gives_and_what_it_does(client: FaceClient) -> None:
    get = client.subjects.get
    assert str(inspect.signature(get)) == (
        "(collection: str, external_id: str) -> bigbrother.client.results.Subject"
    )
    assert inspect.signature(client.subjects.list).return_annotation == Iterator[Subject]
    assert (get.__name__, get.__qualname__) == ("get", "Subjects.get")
    assert (inspect.getdoc(get) or "").startswith("One subject.")
    assert (inspect.getdoc(Subjects.get) or "").startswith("One subject.")


def test_wrong_arguments_are_refused_where_the_call_is_written(
    client: FaceClient, api: FaceApi
) -> None:
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        client.subjects.get("staff")  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        AsyncFaceClient(api.url).batches.results("b", patience=3)  # type: ignore[call-arg]
    assert api.asked == []


def methods(client: FaceAnalyzer[Any]) -> set[str]:
    resources = {"": client, **{name: one for name, one in vars(client).items() if name[0] != "_"}}
    return {
        f"{resource_name}.{name}"
        for resource_name, resource in resources.items()
        for kind in type(resource).__mro__
        for name, value in vars(kind).items()
        if isinstance(value, Method | Streaming)
    }


def test_both_clients_offer_the_same() -> None:
    offered = methods(FaceClient("http://127.0.0.1:1"))
    assert offered == methods(AsyncFaceClient("http://127.0.0.1:1"))
    assert {".identify", "subjects.export", "batches.results", "tokens.revoke"} <= offered


def test_every_method_says_what_it_does() -> None:
    client = FaceClient("http://127.0.0.1:1")
    silent = []
    for name in methods(client):
        place: object = client
        for part in filter(None, name.split(".")):
            place = getattr(place, part)
        if not inspect.getdoc(place):
            silent.append(name)
    assert silent == []


def test_both_clients_send_and_read_the_same(api: FaceApi, client: FaceClient) -> None:
    api.answers("GET", "/v1/collections/staff/subjects/ana", Answer(200, SUBJECT))
    api.answers("POST", "/v1/collections", Answer(201, COLLECTION))

    async def awaited() -> tuple[Subject, object]:
        async with AsyncFaceClient(api.url, "secret-token") as waiting_client:
            subject = await waiting_client.subjects.get("staff", "ana")
            return subject, await waiting_client.collections.create("staff", idempotency_key="k")

    assert asyncio.run(awaited()) == (
        client.subjects.get("staff", "ana"),
        client.collections.create("staff", idempotency_key="k"),
    )
    first, second, third, fourth = api.asked
    for one, other in ((first, third), (second, fourth)):
        assert (one.method, one.path, one.body) == (other.method, other.path, other.body)
        assert dict(one.headers) == dict(other.headers)
