"""Takes in a batch's form: its request first, then images or an archive, onto the disk."""

import asyncio
import errno
import hashlib
import json
import os
from collections.abc import Callable
from typing import BinaryIO, TypeVar

from fastapi import Request

from bigbrother.face.api.form_parts import PartHeading, PartReader, refuse_part
from bigbrother.face.api.memory import Share
from bigbrother.face.api.schemas.batches import BatchRequest
from bigbrother.face.api.strict_json import parse_json
from bigbrother.face.api.uploads import fit, take_body
from bigbrother.face.batch.archive import ArchiveImages
from bigbrother.face.batch.errors import StorageFull
from bigbrother.face.batch.sent_images import ItemWords, SentImage, SentImages
from bigbrother.face.batch.submission import Images, too_large, too_many_items
from bigbrother.runbook.model import Runbook

T = TypeVar("T")

_REQUEST, _IMAGE, _ARCHIVE = "request", "image", "archive"
_TAKEN_AT_ONCE_BYTES = 1_000_000
_REQUEST_COPIES = 3
"""As bytes, as text and as the parsed values."""
_MARKS_OF_AN_ITEM = 8
"""Brackets and commas of one entry of `items`, and some in its texts."""
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class BatchUpload(PartReader):
    """The form of one batch: `write` its body, then ask for `images`.

    What arrives lies in `file`, never in memory, except for the part `request`. `check` sees the
    request before anything else is taken in. Raises MalformedMultipart, InvalidRequest,
    BatchTooLarge, BatchTooManyItems, StorageFull, and what `check` raises.
    """

    def __init__(
        self,
        content_type: str,
        file: BinaryIO,
        runbook: Runbook,
        check: Callable[[BatchRequest], None],
    ) -> None:
        super().__init__(content_type)
        self._file = file
        self._runbook = runbook
        self._check = check
        self._request: BatchRequest | None = None
        self._text = bytearray()
        self._text_bytes = 0
        self._heading = PartHeading("", "")
        self._images: list[SentImage] = []
        self._archived = False
        self._part_place = 0
        self._place = 0
        self._fits = True
        self._digest = hashlib.sha256()
        self._part_digest = hashlib.sha256()

    @property
    def request_bytes(self) -> int:
        """How much memory the part `request` takes, also when it is parsed."""
        return _REQUEST_COPIES * self._text_bytes

    @property
    def request(self) -> BatchRequest:
        """What is asked for. Raises InvalidRequest when the form did not say."""
        if self._request is None:
            raise refuse_part(_REQUEST, "The form must begin with it.")
        return self._request

    def content(self) -> bytes:
        """A digest of everything that was sent, for comparing two requests."""
        return self._digest.digest()

    def images(self) -> Images:
        """What was sent. Raises what an archive is refused for."""
        self.require_end()
        given = self.request.items
        if self._archived:
            if given is not None:
                raise refuse_part("items", "An archive names its images itself.")
            return ArchiveImages(self._file.fileno(), self._runbook)
        if given is not None and len(given) != len(self._images):
            raise refuse_part("items", f"{len(given)} entries for {len(self._images)} images.")
        words = [ItemWords(one.name, one.external_id, one.subject_name) for one in given or ()]
        size = self._runbook.limits.image_size
        return SentImages(self._file.fileno(), self._images, words, size)

    def begin_part(self) -> None:
        """See PartReader."""
        self._part_place = self._place
        self._fits = True
        self._part_digest = hashlib.sha256()

    def name_part(self, heading: PartHeading) -> None:
        """See PartReader."""
        self._heading = heading
        name = heading.name
        if name not in (_REQUEST, _IMAGE, _ARCHIVE):
            raise refuse_part("form", "There is a part that is none of request, image, archive.")
        if (name == _REQUEST) != (self._request is None):
            raise refuse_part(_REQUEST, "It must stand once, before everything else.")
        if self._archived or (name == _ARCHIVE and self._images):
            raise refuse_part(_ARCHIVE, "It must be the only one, without images beside it.")
        if name == _IMAGE and len(self._images) >= self._runbook.batch.items:
            raise too_many_items(self._runbook.batch)

    def take_data(self, data: memoryview) -> None:
        """See PartReader."""
        if self._heading.name == _REQUEST:
            self._text += data
            self._text_bytes = len(self._text)
            if self._text_bytes > self._runbook.limits.request_size.value:
                raise refuse_part(_REQUEST, "It is too long.")
            return
        self._part_digest.update(data)
        longest = self._runbook.limits.image_size.value
        if self._heading.name == _IMAGE and self._place - self._part_place + len(data) > longest:
            self._fits = False
            self._place = self._part_place
        if self._fits:
            self._write(data)

    def end_part(self) -> None:
        """See PartReader."""
        if self._heading.name == _REQUEST:
            self._read_request()
            return
        heading = [self._heading.name, self._heading.filename, self._part_digest.hexdigest()]
        self._digest.update(json.dumps(heading).encode())
        if self._heading.name == _ARCHIVE:
            self._archived = True
            return
        length = self._place - self._part_place if self._fits else None
        self._images.append(SentImage(self._heading.filename, self._part_place, length))

    def _read_request(self) -> None:
        limits, items = self._runbook.limits, self._runbook.batch.items
        elements = limits.json_elements + _MARKS_OF_AN_ITEM * items
        value = parse_json(self._text, limits.model_copy(update={"json_elements": elements}))
        self._text.clear()
        self._request = fit(BatchRequest, value)
        self._check(self._request)
        self._digest.update(self._request.model_dump_json().encode())

    def _write(self, data: memoryview) -> None:
        if self._place + len(data) > self._runbook.batch.size.value:
            raise too_large(self._runbook.batch.size)
        try:
            while data:
                written = os.pwrite(self._file.fileno(), data, self._place)
                self._place += written
                data = data[written:]
        except OSError as error:
            if error.errno in _NO_ROOM:
                raise no_room() from error
            raise


async def take_upload(
    request: Request, upload: BatchUpload, share: Share, runbook: Runbook
) -> None:
    """Reads the whole body into the upload. Raises also RequestTimeout, ClientGone, TooBusy."""
    waiting = bytearray()

    async def flush() -> None:
        data = bytes(waiting)
        waiting.clear()
        await finish_in_thread(lambda: upload.write(data))
        share.resize(upload.request_bytes)

    async def take(chunk: bytes) -> None:
        waiting.extend(chunk)
        if len(waiting) >= _TAKEN_AT_ONCE_BYTES:
            await flush()

    limit_bytes = int(runbook.batch.size.value + runbook.limits.request_size.value)
    await take_body(request, limit_bytes, runbook.batch.upload_within, take)
    await flush()


async def finish_in_thread(work: Callable[[], T]) -> T:
    """The work's result; it is over when this returns, even when the caller is cancelled.

    So nobody takes the file away from under it.
    """
    running = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(running)
    finally:
        if not running.done():
            await asyncio.wait({running})
            running.exception()


def no_room() -> StorageFull:
    """The refusal of a batch for which the disk has no room."""
    return StorageFull(
        "The disk has no room for the batch; nothing of it was kept.",
        remedy="Make room where the service keeps its data, or send smaller batches.",
    )
