"""Sends a source's photos in parts, follows them, and writes down what came of each.

At any instant a part is either not noted, noted, or told of in the report, and the service knows
each part by its idempotency key and each photo by its digest. So a run that was killed anywhere is
taken up by the next one, which loses nothing and enrols nothing twice.
"""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from bigbrother.client.batch_answers import Batch
from bigbrother.client.batch_upload import BatchPicture
from bigbrother.client.errors import PictureUnreadable, ResourceMissing
from bigbrother.entrypoints.cli.bulk.parts import Read, Terms, content_of, in_parts, read
from bigbrother.entrypoints.cli.bulk.people import Photo
from bigbrother.entrypoints.cli.bulk.report import Line, Report
from bigbrother.entrypoints.cli.bulk.tally import Tally
from bigbrother.entrypoints.cli.bulk.under_way import Note, Sent, UnderWay
from bigbrother.entrypoints.cli.bulk.verdict import lost, unreadable, verdict

if TYPE_CHECKING:
    from bigbrother.client.face_client import FaceClient
    from bigbrother.entrypoints.cli.live import Show


class Enrolment:
    """One run over one source.

    `tell` hears of each photo that this run decides about, `show` how many of the source are done.
    """

    def __init__(
        self,
        client: "FaceClient",
        terms: Terms,
        *,
        report: Report | None,
        note: Note,
        retry_refused: bool,
        tell: Callable[[Line], None],
        show: "Show",
    ) -> None:
        self._client = client
        self._terms = terms
        self._report = report
        self._note = note
        self._retry_refused = retry_refused
        self._tell = tell
        self._show = show
        self._before = 0
        self._photos = 0
        self._told_now: set[tuple[str, str]] = set()
        self.tally = Tally()

    def run(self, photos: Sequence[Photo], part_size: int) -> None:
        """Enrols what is not enrolled yet; raises a ClientError where the service is lost."""
        self._photos = len(photos)
        self._take_up({(photo.external_id, photo.path): photo for photo in photos})
        for part in in_parts(self._open_ones(photos), part_size):
            self._send(part)

    def _take_up(self, photos: Mapping[tuple[str, str], Photo]) -> None:
        """Ends the part that an earlier run left under way."""
        part = self._note.read()
        if part is None:
            return
        if part.batch_id is None:
            again = self._as_it_was(part, photos)
            if again is not None:
                part = self._noted(part, self._submit(again, part.key))
        if part.batch_id is not None:
            # A batch that was destroyed meanwhile tells nothing: its photos are sent anew.
            with suppress(ResourceMissing):
                self._follow(part)
        self._note.clear()

    def _as_it_was(
        self, part: UnderWay, photos: Mapping[tuple[str, str], Photo]
    ) -> tuple[Read, ...] | None:
        """The part's photos, or None where anything has changed since it was noted."""
        try:
            found = tuple(read(photos[one.external_id, one.path]) for one in part.photos)
        except (KeyError, PictureUnreadable):
            return None
        return found if content_of(found, self._terms) == part.content else None

    def _open_ones(self, photos: Sequence[Photo]) -> Iterator[Read]:
        """The photos that have to be sent; those that need not are counted."""
        for photo in photos:
            try:
                one = read(photo)
            except PictureUnreadable as error:
                self._count(unreadable(photo, self._terms.collection, error))
                continue
            known = self._known(one)
            if known is None:
                yield one
            else:
                self.tally.count(known)
                self._before += 1
                self._move()

    def _known(self, one: Read) -> Line | None:
        """The word about this photo that still holds, if there is one."""
        if self._report is None:
            return None
        key = (one.photo.external_id, one.photo.path)
        line = self._report.latest(self._terms.collection, *key)
        if line is None or line.sha256 != one.sha256:
            return None
        refused = line.outcome == "refused" and not self._retry_refused
        return line if line.done or refused or key in self._told_now else None

    def _send(self, part: Sequence[Read]) -> None:
        try:
            sent, batch = self._sent(part)
        except PictureUnreadable:
            left = tuple(self._open_ones([one.photo for one in part]))
            if len(left) == len(part):
                raise
            if left:  # without what has vanished since it was read
                self._send(left)
            return
        for line in self._follow(self._noted(sent, batch)):
            self.tally.count(line)
        self._note.clear()

    def _sent(self, part: Sequence[Read]) -> tuple[UnderWay, Batch]:
        """The part's batch, and the part as it was noted before."""
        content = content_of(part, self._terms)
        under_way = UnderWay(
            collection=self._terms.collection,
            content=content,
            key=content,
            batch_id=None,
            photos=tuple(
                Sent(external_id=one.photo.external_id, path=one.photo.path, sha256=one.sha256)
                for one in part
            ),
        )
        self._note.write(under_way)
        batch = self._submit(part, under_way.key)
        if _is_history(batch):
            # The same photos were asked for before; what came of them then may hold no more.
            under_way = under_way.model_copy(update={"key": uuid.uuid4().hex})
            self._note.write(under_way)
            batch = self._submit(part, under_way.key)
        return under_way, batch

    def _noted(self, part: UnderWay, batch: Batch) -> UnderWay:
        noted = part.model_copy(update={"batch_id": batch.id})
        self._note.write(noted)
        return noted

    def _submit(self, part: Sequence[Read], key: str) -> Batch:
        return self._client.batches.submit(
            "enrol",
            [
                BatchPicture(
                    name=f"{one.photo.external_id}/{one.photo.file.name}",
                    picture=one.photo.file,
                    external_id=one.photo.external_id,
                    subject_name=one.photo.name,
                )
                for one in part
            ],
            collection=self._terms.collection,
            prominent=self._terms.prominent,
            new_subjects=self._terms.consent,
            purpose=self._terms.consent.purpose,
            idempotency_key=key,
        )

    def _follow(self, part: UnderWay) -> list[Line]:
        """What came of each photo of the part, once all is over and written down."""
        lines: dict[int, Line] = {}
        for result in self._client.batches.results(str(part.batch_id), follow=True):
            line = verdict(part, result)
            lines[result.number] = line
            self._write(line)
            self._move(len(lines))
        for number in range(1, len(part.photos) + 1):
            if number not in lines:
                lines[number] = lost(part, number)
                self._write(lines[number])
        if self._report is not None:
            self._report.keep()
        return list(lines.values())

    def _move(self, of_this_part: int = 0) -> None:
        done = self.tally.photos + of_this_part
        self._show(done, self._photos - done, before=self._before)

    def _count(self, line: Line) -> None:
        self._write(line)
        self.tally.count(line)

    def _write(self, line: Line) -> None:
        self._told_now.add((line.external_id, line.path))
        if self._report is not None:
            self._report.add(line)
        self._tell(line)


def _is_history(batch: Batch) -> bool:
    """Whether the batch was over before it was asked for.

    One that no worker ever took is over at once: each of its images is refused as it arrives.
    """
    return not batch.running and batch.started_at is not None
