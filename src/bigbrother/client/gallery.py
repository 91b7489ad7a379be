"""Collections, subjects and faces, as the client sees them."""

import json
from collections.abc import Mapping
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

from bigbrother.client.downloads import download, download_to
from bigbrother.client.multipart import form_body
from bigbrother.client.pictures import Picture
from bigbrother.client.request import (
    Request,
    creation_headers,
    json_body,
    path_of,
    purpose_headers,
)
from bigbrother.client.resource import Method, Mode, Resource, Streaming
from bigbrother.client.results import Collection, Consent, EnrolledFace, Subject
from bigbrother.client.steps import Call, Stream


class Collections(Resource[Mode]):
    """Named sets of subjects."""

    @Method
    def create(
        self,
        name: str,
        *,
        description: str = "",
        keep_crops: bool = False,
        retention: str | None = None,
        idempotency_key: str | None = None,
    ) -> Call[Collection]:
        """Makes a collection; `retention` such as '30 days' is how long a face is kept."""
        body = {
            "name": name,
            "description": description,
            "keep_crops": keep_crops,
            "retention": retention,
        }
        headers = creation_headers(idempotency_key)
        return self._service.answer(
            Request(
                "POST",
                path_of("collections"),
                repeatable=True,
                body=json_body(body),
                headers=headers,
            ),
            Collection,
        )

    @Method
    def get(self, name: str) -> Call[Collection]:
        """One collection. Raises ResourceMissing for an unknown one."""
        return self._service.answer(
            Request("GET", path_of("collections", name), repeatable=True), Collection
        )

    @Streaming
    def list(self, *, page_size: int | None = None) -> Stream[Collection]:
        """Every collection, fetched while it is read."""
        return self._service.pages(path_of("collections"), Collection, page_size=page_size)

    @Method
    def delete(self, name: str, *, purpose: str = "") -> Call[None]:
        """Deletes a collection with all its subjects and faces."""
        return self._service.done(_deletion(path_of("collections", name), purpose))


class Subjects(Resource[Mode]):
    """People of a collection."""

    @Method
    def create(
        self,
        collection: str,
        external_id: str,
        *,
        name: str = "",
        metadata: Mapping[str, Any] | None = None,
        consent: Consent,
        idempotency_key: str | None = None,
    ) -> Call[Subject]:
        """Makes a subject, with the ground on which it may be held and matched."""
        body = {
            "external_id": external_id,
            "name": name,
            "metadata": dict(metadata or {}),
            "consent": consent.as_given(),
        }
        path = path_of("collections", collection, "subjects")
        headers = creation_headers(idempotency_key)
        return self._service.answer(
            Request("POST", path, repeatable=True, body=json_body(body), headers=headers), Subject
        )

    @Method
    def get(self, collection: str, external_id: str) -> Call[Subject]:
        """One subject. Raises ResourceMissing for an unknown one."""
        path = path_of("collections", collection, "subjects", external_id)
        return self._service.answer(Request("GET", path, repeatable=True), Subject)

    @Streaming
    def list(self, collection: str, *, page_size: int | None = None) -> Stream[Subject]:
        """Every subject of a collection, fetched while it is read."""
        path = path_of("collections", collection, "subjects")
        return self._service.pages(path, Subject, page_size=page_size)

    @Method
    def update(
        self, collection: str, external_id: str, changes: Mapping[str, Any]
    ) -> Call[Subject]:
        """Changes a subject: any of `name`, `metadata` and `consent`.

        `{"consent": {"withdrawn_at": "2027-01-31T12:00:00Z"}}` withdraws the consent.
        """
        path = path_of("collections", collection, "subjects", external_id)
        return self._service.answer(
            Request("PATCH", path, repeatable=False, body=json_body(dict(changes))), Subject
        )

    @Method
    def delete(self, collection: str, external_id: str, *, purpose: str = "") -> Call[None]:
        """Erases a subject with all its faces."""
        path = path_of("collections", collection, "subjects", external_id)
        return self._service.done(_deletion(path, purpose))

    @Method
    def export(self, collection: str, external_id: str, *, purpose: str = "") -> Call[bytes]:
        """Everything that is held on a subject, as the bytes of a zip archive."""
        return download(self._service, _export(collection, external_id, purpose))

    @Method
    def export_to(
        self,
        path: str | PathLike[str],
        collection: str,
        external_id: str,
        *,
        purpose: str = "",
    ) -> Call[Path]:
        """Everything that is held on a subject, written to a zip archive while it arrives.

        The file is there complete or not at all, and only its owner may read it. Raises
        FileUnwritable.
        """
        return download_to(self._service, _export(collection, external_id, purpose), path)


class Faces(Resource[Mode]):
    """Enrolled examples of a subject."""

    @Method
    def enrol(
        self,
        collection: str,
        external_id: str,
        picture: Picture,
        *,
        prominent: bool = False,
        purpose: str = "",
        idempotency_key: str | None = None,
    ) -> Call[EnrolledFace]:
        """Adds the face of a picture as an example of the subject.

        `prominent` takes the most prominent of several faces instead of refusing them. Raises
        RequestRefused with the code `no-face`, `several-faces` or `quality-too-low` (with
        `reasons`), and ResourceConflict with `face-already-enrolled` for a picture that the
        subject has already.
        """
        return self._service.answer(
            Request(
                "POST",
                path_of("collections", collection, "subjects", external_id, "faces"),
                repeatable=True,
                body=partial(form_body, {"prominent": json.dumps(prominent)}, [("image", picture)]),
                headers={**creation_headers(idempotency_key), **purpose_headers(purpose)},
            ),
            EnrolledFace,
        )

    @Streaming
    def list(
        self, collection: str, external_id: str, *, page_size: int | None = None
    ) -> Stream[EnrolledFace]:
        """Every enrolled example of a subject, fetched while it is read."""
        path = path_of("collections", collection, "subjects", external_id, "faces")
        return self._service.pages(path, EnrolledFace, page_size=page_size)

    @Method
    def crop(self, collection: str, external_id: str, face_id: str) -> Call[bytes]:
        """The aligned crop of an example as a PNG file, where the collection keeps crops."""
        path = path_of("collections", collection, "subjects", external_id, "faces", face_id, "crop")
        return download(self._service, Request("GET", path, repeatable=True))

    @Method
    def delete(
        self, collection: str, external_id: str, face_id: str, *, purpose: str = ""
    ) -> Call[None]:
        """Erases one example."""
        path = path_of("collections", collection, "subjects", external_id, "faces", face_id)
        return self._service.done(_deletion(path, purpose))


def _deletion(path: str, purpose: str) -> Request:
    return Request("DELETE", path, repeatable=False, headers=purpose_headers(purpose))


def _export(collection: str, external_id: str, purpose: str) -> Request:
    path = path_of("collections", collection, "subjects", external_id, "export")
    return Request("GET", path, repeatable=True, headers=purpose_headers(purpose))
