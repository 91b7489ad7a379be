"""Many pictures at once, as the client sees them."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from bigbrother.client.batch_answers import Batch, BatchState, ItemResult, Kind, Priority
from bigbrother.client.batch_results import read_results, wait_for
from bigbrother.client.batch_upload import Archive, BatchPicture, archive_body, pictures_body
from bigbrother.client.errors import RequestRefused
from bigbrother.client.pictures import Picture
from bigbrother.client.request import (
    Body,
    Progress,
    Request,
    creation_headers,
    json_body,
    path_of,
    purpose_headers,
)
from bigbrother.client.resource import Method, Mode, Resource, Streaming
from bigbrother.client.results import Consent
from bigbrother.client.steps import Call, Stream


class Batches(Resource[Mode]):
    """Bulk requests, worked through while their results are read."""

    @Method
    def submit(  # noqa: PLR0913 - each is a field of the request
        self,
        kind: Kind,
        pictures: Iterable[Picture | BatchPicture] | None = None,
        *,
        archive: Archive | None = None,
        folder: str | None = None,
        collection: str | None = None,
        priority: Priority = "normal",
        chunk: int | None = None,
        embeddings: bool = False,
        max_faces: int | None = None,
        min_size_pixels: float | None = None,
        limit: int | None = None,
        prominent: bool = False,
        new_subjects: Consent | None = None,
        webhook_url: str | None = None,
        webhook_secret: str | None = None,
        purpose: str = "",
        idempotency_key: str | None = None,
        progress: Progress | None = None,
    ) -> Call[Batch]:
        """Sends images to be worked through: pictures, a zip archive, or a folder of the server.

        A plain picture is known by its file's name, or as `image-1`, `image-2` …; a `BatchPicture`
        has a name of its own, and for an enrolment says whose face it is. Files are read while
        they are sent. An iterator is read once only, so that its sending is never repeated; give a
        list where a broken line shall be mended.

        `chunk`: images that a worker takes at a time. `embeddings`, `max_faces` and
        `min_size_pixels` are for analyze, `limit` and `max_faces` for identify, `prominent` and
        `new_subjects` (the consent of subjects that are made on the way) for enrol. The webhook is
        called when the batch has ended, signed with the secret. `progress` is told of each piece
        sent; it begins anew with each try.
        """
        options = {
            "embeddings": embeddings or None,
            "max_faces": max_faces,
            "min_size_pixels": min_size_pixels,
            "limit": limit,
            "prominent": prominent or None,
            "new_subjects": new_subjects and new_subjects.as_given(),
        }
        request = _without_none(
            {
                "kind": kind,
                "collection": collection,
                "priority": priority,
                "chunk": chunk,
                "options": _without_none(options) or None,
                "webhook": _without_none({"url": webhook_url, "secret": webhook_secret}) or None,
            }
        )
        if kind == "enrol" and pictures is not None:
            pictures = tuple(pictures)
        return self._service.answer(
            Request(
                "POST",
                path_of("batches"),
                repeatable=True,
                headers={**creation_headers(idempotency_key), **purpose_headers(purpose)},
                body=partial(_body, request, pictures, archive, folder, progress),
                answer_within_seconds=self._service.longest_upload_seconds,
            ),
            Batch,
        )

    @Method
    def get(self, batch_id: str) -> Call[Batch]:
        """One batch, as far as it is now. Raises ResourceMissing for an unknown one."""
        return self._service.answer(self._request("GET", batch_id), Batch)

    @Streaming
    def list(
        self, *, state: BatchState | None = None, page_size: int | None = None
    ) -> Stream[Batch]:
        """The batches of this credential, newest first; an admin's sees all."""
        return self._service.pages(path_of("batches"), Batch, page_size=page_size, state=state)

    @Method
    def cancel(self, batch_id: str) -> Call[Batch]:
        """Ends a batch: what no worker has begun is left undone. Results so far stay."""
        return self._service.answer(self._request("POST", batch_id, "cancel"), Batch)

    @Method
    def retry(self, batch_id: str) -> Call[Batch]:
        """Has the failed items tried again, and only those.

        Raises ResourceConflict with the code `batch-nothing-to-retry` when none has failed.
        """
        return self._service.answer(
            self._request("POST", batch_id, "retry", repeatable=False), Batch
        )

    @Method
    def delete(self, batch_id: str) -> Call[None]:
        """Destroys a batch with its images and results; a running one is cancelled first."""
        return self._service.done(self._request("DELETE", batch_id, repeatable=False))

    @Streaming
    def results(self, batch_id: str, *, after: int = 0, follow: bool = False) -> Stream[ItemResult]:
        """How each item ended, in order of `position`, read while it arrives.

        `after`: only what stands behind this position. With `follow` it goes on until the batch
        has ended and everything was read. A line that breaks is taken up again behind the last
        position: every item comes once. Close the iterator to leave before its end.
        """
        return read_results(self._service, batch_id, after=after, follow=follow)

    @Method
    def wait(
        self, batch_id: str, *, progress: Callable[[Batch], None] | None = None
    ) -> Call[Batch]:
        """Waits until a batch has ended; `progress` is told of it whenever it was looked at.

        Outlasts a restart of the service.
        """
        return wait_for(self._service, batch_id, progress)

    def _request(
        self, method: str, batch_id: str, *action: str, repeatable: bool = True
    ) -> Request:
        return Request(method, path_of("batches", batch_id, *action), repeatable=repeatable)


def _body(
    request: Mapping[str, Any],
    pictures: Iterable[Picture | BatchPicture] | None,
    archive: Archive | None,
    folder: str | None,
    progress: Progress | None,
) -> Body:
    if [pictures, archive, folder].count(None) != 2:
        raise RequestRefused(
            "A batch is made of pictures, of an archive, or of a folder of the server.",
            remedy="Give one of the three.",
        )
    if pictures is not None:
        return pictures_body(request, pictures, progress)
    if archive is not None:
        return archive_body(request, archive, progress)
    return json_body({**request, "folder": folder})


def _without_none(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
