"""The Python client of the face analyzer's HTTP API."""

import time
from collections.abc import Callable
from functools import cache
from types import TracebackType
from typing import Self, TypeVar

from pydantic import BaseModel, ConfigDict

from bigbrother.client.gallery import Collections, Faces, Subjects
from bigbrother.client.pictures import Picture, picture_bytes
from bigbrother.client.results import Analysis, Health, Identification, ModelPack, Verification
from bigbrother.client.retries import RetryPolicy
from bigbrother.client.tokens import Tokens
from bigbrother.client.transport import Request, Transport, path_of
from bigbrother.runbook.load import load_runbook
from bigbrother.runbook.model import ClientCalls

T = TypeVar("T")


class _Models(BaseModel):
    model_config = ConfigDict(frozen=True)

    items: tuple[ModelPack, ...]


class FaceClient:
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
        figures = _figures()
        policy = RetryPolicy(
            _given(attempts, figures.attempts),
            _given(first_pause_seconds, figures.first_pause.value),
            _given(longest_pause_seconds, figures.longest_pause.value),
        )
        self._transport = Transport(
            url,
            token,
            timeout_seconds=_given(timeout_seconds, figures.timeout.value),
            policy=policy,
            pause=pause,
        )
        self.collections = Collections(self._transport)
        self.subjects = Subjects(self._transport)
        self.faces = Faces(self._transport)
        self.tokens = Tokens(self._transport)

    def __repr__(self) -> str:
        return f"FaceClient({self.url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def url(self) -> str:
        """The service's address."""
        return self._transport.url

    def close(self) -> None:
        """Closes the connections."""
        self._transport.close()

    def analyze(
        self,
        *pictures: Picture,
        embeddings: bool = False,
        quality: bool = True,
        landmarks: bool = True,
        max_faces: int | None = None,
        min_size_pixels: float | None = None,
    ) -> Analysis:
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
        uploads = [("image", picture_bytes(picture)) for picture in pictures]
        return self._transport.answer(
            Request("POST", path_of("analyze"), repeatable=True, form=form, uploads=uploads),
            Analysis,
        )

    def verify(self, picture_a: Picture, picture_b: Picture) -> Verification:
        """Whether the most prominent faces of two pictures are the same person's."""
        uploads = [("image_a", picture_bytes(picture_a)), ("image_b", picture_bytes(picture_b))]
        return self._transport.answer(
            Request("POST", path_of("verify"), repeatable=True, uploads=uploads), Verification
        )

    def identify(
        self,
        collection: str,
        picture: Picture,
        *,
        limit: int | None = None,
        max_faces: int | None = None,
    ) -> Identification:
        """Who of the collection is in the picture; `limit` bounds the matches of each face."""
        form = {
            name: str(value)
            for name, value in (("limit", limit), ("max_faces", max_faces))
            if value is not None
        }
        return self._transport.answer(
            Request(
                "POST",
                path_of("collections", collection, "identify"),
                repeatable=True,
                form=form,
                uploads=[("image", picture_bytes(picture))],
            ),
            Identification,
        )

    def models(self) -> tuple[ModelPack, ...]:
        """The service's model packs; `active` marks the one in use."""
        return self._transport.answer(
            Request("GET", path_of("models"), repeatable=True), _Models
        ).items

    def health(self) -> Health:
        """What the service says of itself now, healthy or not; asked once, never repeated."""
        response = self._transport.exchange(Request("GET", "/health", repeatable=False))
        return self._transport.read(response, Health)


@cache
def _figures() -> ClientCalls:
    return load_runbook().client


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _given(value: T | None, default: T) -> T:
    return default if value is None else value
