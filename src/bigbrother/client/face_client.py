"""The Python client of the face analyzer's HTTP API."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import cache, partial
from types import TracebackType
from typing import Self, TypeVar

import httpx
from pydantic import BaseModel, ConfigDict

from bigbrother.client.batches import Batches
from bigbrother.client.blocking import Blocking
from bigbrother.client.connection import connection_options
from bigbrother.client.gallery import Collections, Faces, Subjects
from bigbrother.client.multipart import form_body
from bigbrother.client.pictures import Picture
from bigbrother.client.request import Body, Request, path_of, purpose_headers
from bigbrother.client.resource import Method, Mode, Resource
from bigbrother.client.results import Analysis, Health, Identification, ModelPack, Verification
from bigbrother.client.retries import RetryPolicy
from bigbrother.client.service import Service
from bigbrother.client.steps import Call
from bigbrother.client.tokens import Tokens
from bigbrother.client.waiting import Waiting
from bigbrother.runbook.load import load_runbook
from bigbrother.runbook.model import Runbook

T = TypeVar("T")


class _Models(BaseModel):
    model_config = ConfigDict(frozen=True)

    items: tuple[ModelPack, ...]


class FaceAnalyzer(Resource[Mode]):
    """What both clients offer."""

    def __init__(self, service: Service, mode: Mode) -> None:
        super().__init__(service, mode)
        self.collections: Collections[Mode] = Collections(service, mode)
        self.subjects: Subjects[Mode] = Subjects(service, mode)
        self.faces: Faces[Mode] = Faces(service, mode)
        self.batches: Batches[Mode] = Batches(service, mode)
        self.tokens: Tokens[Mode] = Tokens(service, mode)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.url!r})"

    @property
    def url(self) -> str:
        """The service's address."""
        return self._service.url

    @Method
    def analyze(
        self,
        *pictures: Picture,
        embeddings: bool = False,
        quality: bool = True,
        landmarks: bool = True,
        max_faces: int | None = None,
        min_size_pixels: float | None = None,
    ) -> Call[Analysis]:
        """The faces of one or many pictures, in one request, in the order given.

        A single picture that is refused raises RequestRefused; among several, the refused one
        carries `error` and the others their faces.
        """
        form = {
            "embeddings": _flag(embeddings),
            "quality": _flag(quality),
            "landmarks": _flag(landmarks),
        }
        if max_faces is not None:
            form["max_faces"] = str(max_faces)
        if min_size_pixels is not None:
            form["min_size_pixels"] = str(min_size_pixels)
        body = partial(form_body, form, [("image", picture) for picture in pictures])
        return self._service.answer(
            Request("POST", path_of("analyze"), repeatable=True, body=body), Analysis
        )

    @Method
    def verify(self, picture_a: Picture, picture_b: Picture) -> Call[Verification]:
        """Whether the most prominent faces of two pictures are the same person's."""
        body = partial(form_body, {}, [("image_a", picture_a), ("image_b", picture_b)])
        return self._service.answer(
            Request("POST", path_of("verify"), repeatable=True, body=body), Verification
        )

    @Method
    def identify(
        self,
        collection: str,
        picture: Picture,
        *,
        limit: int | None = None,
        max_faces: int | None = None,
        purpose: str = "",
    ) -> Call[Identification]:
        """Who of the collection is in the picture; `limit` bounds the matches of each face.

        `purpose`: what the face is looked up for; it is written down with who asked.
        """
        form = {
            name: str(value)
            for name, value in (("limit", limit), ("max_faces", max_faces))
            if value is not None
        }
        return self._service.answer(
            Request(
                "POST",
                path_of("collections", collection, "identify"),
                repeatable=True,
                headers=purpose_headers(purpose),
                body=partial(form_body, form, [("image", picture)]),
            ),
            Identification,
        )

    @Method
    def models(self) -> Call[tuple[ModelPack, ...]]:
        """The service's model packs; `active` marks the one in use."""
        packs = yield from self._service.answer(
            Request("GET", path_of("models"), repeatable=True), _Models
        )
        return packs.items

    @Method
    def health(self) -> Call[Health]:
        """What the service says of itself now, healthy or not; asked once, never repeated."""
        request = Request("GET", "/health", repeatable=False)
        response = yield from self._service.exchange(request, Body())
        return self._service.read(response, Health)


class FaceClient(FaceAnalyzer[Blocking]):
    """Calls one face analyzer; safe to share between threads; close it, or use it with `with`.

    A request is repeated on a broken connection or an overloaded service only where twice is the
    same as once. Every method raises a `ClientError` for anything but an answer.

        with FaceClient("http://127.0.0.1:8080", token) as client:
            client.collections.create("staff")
            consent = Consent(legal_basis="consent", purpose="door", reference="form 1")
            client.subjects.create("staff", "ana", name="Ana", consent=consent)
            client.faces.enrol("staff", "ana", "ana.jpg")
            print(client.identify("staff", "door.jpg").faces)
    """

    def __init__(  # figures as arguments, each with the document's value as its default
        self,
        url: str,
        token: str | None = None,
        *,
        timeout_seconds: float | None = None,
        attempts: int | None = None,
        first_pause_seconds: float | None = None,
        longest_pause_seconds: float | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        service = _service(url, attempts, first_pause_seconds, longest_pause_seconds)
        options = connection_options(service.url, token, timeout_seconds=_timeout(timeout_seconds))
        super().__init__(service, Blocking(httpx.Client(**options), pause))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._mode.http.close()


class AsyncFaceClient(FaceAnalyzer[Waiting]):
    """FaceClient for an event loop: the same methods, awaited; safe to share between tasks.

    Listings and results are read by `async for`. A call that is cancelled closes its connection.

        async with AsyncFaceClient("http://127.0.0.1:8080", token) as client:
            print((await client.identify("staff", "door.jpg")).faces)
    """

    def __init__(  # figures as arguments, each with the document's value as its default
        self,
        url: str,
        token: str | None = None,
        *,
        timeout_seconds: float | None = None,
        attempts: int | None = None,
        first_pause_seconds: float | None = None,
        longest_pause_seconds: float | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        service = _service(url, attempts, first_pause_seconds, longest_pause_seconds)
        options = connection_options(service.url, token, timeout_seconds=_timeout(timeout_seconds))
        super().__init__(service, Waiting(httpx.AsyncClient(**options), pause))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._mode.http.aclose()


def _service(
    url: str,
    attempts: int | None,
    first_pause_seconds: float | None,
    longest_pause_seconds: float | None,
) -> Service:
    document = _document()
    figures = document.client
    policy = RetryPolicy(
        _given(attempts, figures.attempts),
        _given(first_pause_seconds, figures.first_pause.value),
        _given(longest_pause_seconds, figures.longest_pause.value),
    )
    return Service(
        url=url.rstrip("/"),
        policy=policy,
        patient=replace(policy, attempts=figures.follow_attempts, after_timeouts=True),
        poll_every_seconds=figures.poll_every.value,
        longest_silence_seconds=figures.longest_silence.value,
        longest_upload_seconds=document.batch.upload_within.value,
    )


def _timeout(seconds: float | None) -> float:
    return _given(seconds, _document().client.timeout.value)


@cache
def _document() -> Runbook:
    return load_runbook()


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _given(value: T | None, default: T) -> T:
    return default if value is None else value
