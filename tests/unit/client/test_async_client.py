"""The same calls, awaited: nothing waits in the event loop's way, and nothing is left behind."""

import asyncio
import os
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bigbrother.client.errors import (
    PictureUnreadable,
    RequestRefused,
    ResourceMissing,
    ServiceFailed,
    ServiceUnreachable,
)
from bigbrother.client.face_client import AsyncFaceClient
from tests.fakes.face_api import Answer, FaceApi, Told, problem
from tests.unit.client.answers import COLLECTION, batch, line

ANALYSIS = {"model": {"name": "sface", "version": "1"}, "images": [{"id": "1"}]}
RESULTS = "/v1/batches/b-1/results"


@asynccontextmanager
async def connected(
    url: str, pauses: list[float] | None = None, **figures: float
) -> AsyncIterator[AsyncFaceClient]:
    async def pause(seconds: float) -> None:
        if pauses is not None:
            pauses.append(seconds)

    async with AsyncFaceClient(
        url, "secret-token", **{"timeout_seconds": 5.0, **figures}, attempts=3, pause=pause
    ) as client:
        yield client


def test_a_call_is_awaited_for_the_same_answer(api: FaceApi) -> None:
    api.answers("POST", "/v1/collections", Answer(201, COLLECTION))
    api.answers("GET", "/health", problem(503, "x"))
    api.answers("GET", "/v1/models", Answer(200, b"<html>"))

    async def story() -> None:
        async with connected(api.url) as client:
            assert (await client.collections.create("staff")).name == "staff"
            with pytest.raises(ResourceMissing):
                await client.subjects.get("staff", "ana")
            with pytest.raises(ServiceFailed):
                await client.models()
            assert "secret-token" not in repr(client) + repr(vars(client))

    asyncio.run(story())
    assert api.asked[0].json()["name"] == "staff"
    assert api.asked[0].headers["Authorization"] == "Bearer secret-token"


def test_a_lost_answer_is_asked_for_again_after_an_awaited_pause(api: FaceApi) -> None:
    pauses: list[float] = []
    busy = problem(503, "too-busy", headers={"Retry-After": "2"})
    api.answers("POST", "/v1/collections", Answer(0), busy, Answer(201, COLLECTION))

    async def story() -> None:
        async with connected(api.url, pauses, first_pause_seconds=0.1) as client:
            await client.collections.create("staff")

    asyncio.run(story())
    assert pauses == [0.1, 2.0]
    assert len({asked.headers["Idempotency-Key"] for asked in api.asked}) == 1


def test_a_service_that_is_not_running_is_named(api: FaceApi) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    async def story() -> None:
        async with connected(f"http://127.0.0.1:{port}") as client:
            with pytest.raises(ServiceUnreachable, match="cannot be reached"):
                await client.models()

    asyncio.run(story())


def test_a_listing_is_read_page_by_page(api: FaceApi) -> None:
    pages = [{"items": [COLLECTION], "next_cursor": "c"}, {"items": [], "next_cursor": None}]
    api.answers("GET", "/v1/collections", *(Answer(200, page) for page in pages))

    async def story() -> None:
        async with connected(api.url) as client:
            assert [found.name async for found in client.collections.list()] == ["staff"]

    asyncio.run(story())


def test_results_are_read_on_behind_the_last_one(api: FaceApi) -> None:
    pauses: list[float] = []
    broken = Told([line(1), line(2)[:9]], then="break")
    api.answers("GET", RESULTS, broken, Answer(0), Told([line(2)]), Told([line(3)]))
    api.answers("GET", "/v1/batches/b-1", batch(state="finished"))

    async def story() -> None:
        async with connected(api.url, pauses, first_pause_seconds=0.1) as client:
            read = [result.position async for result in client.batches.results("b-1", follow=True)]
            assert read == [1, 2, 3]

    asyncio.run(story())
    assert pauses == [0.1, 0.2]


def test_many_tasks_share_a_client(api: FaceApi) -> None:
    api.answers("POST", "/v1/collections", Answer(201, COLLECTION))

    async def story() -> None:
        async with connected(api.url) as client:
            await asyncio.gather(*(client.collections.create(f"c-{n}") for n in range(120)))

    asyncio.run(story())
    assert {asked.json()["name"] for asked in api.asked} == {f"c-{n}" for n in range(120)}
    assert len({asked.headers["Idempotency-Key"] for asked in api.asked}) == 120


Work = Callable[[AsyncFaceClient], Awaitable[Any]]


async def _read_results(client: AsyncFaceClient) -> None:
    async for _ in client.batches.results("b-1", follow=True):
        pass


@pytest.mark.parametrize(
    "work",
    [
        _read_results,
        lambda client: client.collections.get("staff"),
        lambda client: client.subjects.export("staff", "ana"),
    ],
)
def test_a_task_that_is_cancelled_closes_its_connection(api: FaceApi, work: Work) -> None:
    for path in (RESULTS, "/v1/collections/staff", "/v1/collections/staff/subjects/ana/export"):
        api.answers("GET", path, Told([b"\n"], then="hold"))

    async def story() -> None:
        async with connected(api.url) as client:
            task = asyncio.ensure_future(work(client))
            while not api.asked:
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await asyncio.to_thread(api.left.wait, 5)

    asyncio.run(story())


def test_who_leaves_results_early_closes_the_line(api: FaceApi) -> None:
    api.answers("GET", RESULTS, Told([line(1)], then="hold"))

    async def story() -> None:
        async with connected(api.url) as client:
            async with aclosing(client.batches.results("b-1", follow=True)) as results:
                assert (await anext(results)).position == 1
            assert await asyncio.to_thread(api.left.wait, 5)

    asyncio.run(story())


def test_a_slow_file_holds_up_its_own_task_only(api: FaceApi, tmp_path: Path) -> None:
    """A pipe that nobody writes to yet is the slowest file there is."""
    api.answers("POST", "/v1/analyze", Answer(200, ANALYSIS))
    api.answers("POST", "/v1/batches", batch())
    api.answers("GET", "/v1/collections/staff", Answer(200, COLLECTION))
    pipes = [tmp_path / "first", tmp_path / "second"]
    for pipe in pipes:
        os.mkfifo(pipe)

    async def story() -> None:
        async with connected(api.url) as client:
            tasks = [
                asyncio.ensure_future(client.analyze(pipes[0])),
                asyncio.ensure_future(client.batches.submit("analyze", [pipes[1]])),
            ]
            await client.collections.get("staff")
            assert not any(task.done() for task in tasks)
            for pipe in pipes:
                await asyncio.to_thread(pipe.write_bytes, b"late")
            await asyncio.gather(*tasks)

    asyncio.run(story())
    sent = [asked.form()["image"] for asked in api.asked if asked.method == "POST"]
    assert sent == [b"late", b"late"]


def test_an_upload_tells_how_far_it_is_in_the_event_loops_thread(api: FaceApi) -> None:
    api.answers("POST", "/v1/batches", batch())
    told: list[tuple[int, int | None]] = []
    threads = set()

    def tell(sent_bytes: int, total_bytes: int | None) -> None:
        told.append((sent_bytes, total_bytes))
        threads.add(threading.current_thread())

    async def story() -> None:
        async with connected(api.url) as client:
            await client.batches.submit("analyze", [bytes(200_000)] * 3, progress=tell)

    asyncio.run(story())
    total_bytes = len(api.asked[0].body)
    assert [sent for sent, _ in told] == sorted(sent for sent, _ in told)
    assert told[-1] == (total_bytes, total_bytes)
    assert len(told) > 1
    assert threads == {threading.main_thread()}


def test_errors_of_pictures_and_calls_come_out_of_the_await(api: FaceApi, tmp_path: Path) -> None:
    async def story() -> None:
        async with connected(api.url) as client:
            calls: list[Coroutine[Any, Any, Any]] = [
                client.analyze(tmp_path / "gone.jpg"),
                client.batches.submit("analyze", [tmp_path / "gone.jpg"]),
            ]
            for call in calls:
                with pytest.raises(PictureUnreadable):
                    await call
            with pytest.raises(RequestRefused):
                await client.batches.submit("analyze")

    asyncio.run(story())
    assert api.asked == []
