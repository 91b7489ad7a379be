"""Collections, subjects and faces, as the client sees them."""

import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from bigbrother.client.pictures import Picture, picture_bytes
from bigbrother.client.results import Collection, Consent, EnrolledFace, Result, Subject
from bigbrother.client.transport import Request, Transport, path_of

Item = TypeVar("Item", bound=Result)


class _Listing(BaseModel, Generic[Item]):
    model_config = ConfigDict(frozen=True)

    items: tuple[Item, ...]
    next_cursor: str | None


def iterate(
    transport: Transport, path: str, kind: type[Item], *, page_size: int | None = None
) -> Iterator[Item]:
    """Every item of a listing, fetched page by page while it is read."""
    cursor: str | None = None
    while True:
        params: dict[str, str | int] = {}
        if cursor is not None:
            params["cursor"] = cursor
        if page_size is not None:
            params["limit"] = page_size
        page = transport.answer(
            Request("GET", path, repeatable=True, params=params),
            _Listing[kind],  # type: ignore[valid-type]  # a model made for this kind of item
        )
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def creation_headers(idempotency_key: str | None) -> dict[str, str]:
    """The header that makes a repeated creation the same creation."""
    return {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}


class Collections:
    """Named sets of subjects."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(
        self,
        name: str,
        *,
        description: str = "",
        keep_crops: bool = False,
        retention: str | None = None,
        idempotency_key: str | None = None,
    ) -> Collection:
        """Makes a collection; `retention` such as '30 days' is how long a face is kept."""
        body = {
            "name": name,
            "description": description,
            "keep_crops": keep_crops,
            "retention": retention,
        }
        headers = creation_headers(idempotency_key)
        return self._transport.answer(
            Request("POST", path_of("collections"), repeatable=True, json=body, headers=headers),
            Collection,
        )

    def get(self, name: str) -> Collection:
        """One collection. Raises ResourceMissing for an unknown one."""
        return self._transport.answer(
            Request("GET", path_of("collections", name), repeatable=True), Collection
        )

    def list(self, *, page_size: int | None = None) -> Iterator[Collection]:
        """Every collection, fetched while it is read."""
        return iterate(self._transport, path_of("collections"), Collection, page_size=page_size)

    def delete(self, name: str) -> None:
        """Deletes a collection with all its subjects and faces."""
        self._transport.send(Request("DELETE", path_of("collections", name), repeatable=False))


class Subjects:
    """People of a collection."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(
        self,
        collection: str,
        external_id: str,
        *,
        name: str = "",
        metadata: Mapping[str, Any] | None = None,
        consent: Consent,
        idempotency_key: str | None = None,
    ) -> Subject:
        """Makes a subject, with the ground on which it may be held and matched."""
        body = {
            "external_id": external_id,
            "name": name,
            "metadata": dict(metadata or {}),
            "consent": consent.model_dump(mode="json", exclude={"withdrawn_at"}),
        }
        path = path_of("collections", collection, "subjects")
        headers = creation_headers(idempotency_key)
        return self._transport.answer(
            Request("POST", path, repeatable=True, json=body, headers=headers), Subject
        )

    def get(self, collection: str, external_id: str) -> Subject:
        """One subject. Raises ResourceMissing for an unknown one."""
        path = path_of("collections", collection, "subjects", external_id)
        return self._transport.answer(Request("GET", path, repeatable=True), Subject)

    def list(self, collection: str, *, page_size: int | None = None) -> Iterator[Subject]:
        """Every subject of a collection, fetched while it is read."""
        path = path_of("collections", collection, "subjects")
        return iterate(self._transport, path, Subject, page_size=page_size)

    def update(self, collection: str, external_id: str, changes: Mapping[str, Any]) -> Subject:
        """Changes a subject: any of `name`, `metadata` and `consent`.

        `{"consent": {"withdrawn_at": "2027-01-31T12:00:00Z"}}` withdraws the consent.
        """
        path = path_of("collections", collection, "subjects", external_id)
        return self._transport.answer(
            Request("PATCH", path, repeatable=False, json=dict(changes)), Subject
        )

    def delete(self, collection: str, external_id: str) -> None:
        """Erases a subject with all its faces."""
        path = path_of("collections", collection, "subjects", external_id)
        self._transport.send(Request("DELETE", path, repeatable=False))


class Faces:
    """Enrolled examples of a subject."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def enrol(
        self,
        collection: str,
        external_id: str,
        picture: Picture,
        *,
        prominent: bool = False,
        idempotency_key: str | None = None,
    ) -> EnrolledFace:
        """Adds the face of a picture as an example of the subject.

        `prominent` takes the most prominent of several faces instead of refusing them. Raises
        RequestRefused with the code `no-face`, `several-faces` or `quality-too-low` (with
        `reasons`), and ResourceConflict with `face-already-enrolled` for a picture that the
        subject has already.
        """
        return self._transport.answer(
            Request(
                "POST",
                path_of("collections", collection, "subjects", external_id, "faces"),
                repeatable=True,
                form={"prominent": json.dumps(prominent)},
                uploads=[("image", picture_bytes(picture))],
                headers=creation_headers(idempotency_key),
            ),
            EnrolledFace,
        )

    def list(
        self, collection: str, external_id: str, *, page_size: int | None = None
    ) -> Iterator[EnrolledFace]:
        """Every enrolled example of a subject, fetched while it is read."""
        path = path_of("collections", collection, "subjects", external_id, "faces")
        return iterate(self._transport, path, EnrolledFace, page_size=page_size)

    def crop(self, collection: str, external_id: str, face_id: str) -> bytes:
        """The aligned crop of an example as a PNG file, where the collection keeps crops."""
        path = path_of("collections", collection, "subjects", external_id, "faces", face_id, "crop")
        return self._transport.send(Request("GET", path, repeatable=True)).content

    def delete(self, collection: str, external_id: str, face_id: str) -> None:
        """Erases one example."""
        path = path_of("collections", collection, "subjects", external_id, "faces", face_id)
        self._transport.send(Request("DELETE", path, repeatable=False))
