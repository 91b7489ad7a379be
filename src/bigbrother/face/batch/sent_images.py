"""Images that a client sent one by one, where they lie in the file that took them in."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bigbrother.face.batch import file_names
from bigbrother.face.batch.image_files import image_or_refusal, image_too_large
from bigbrother.face.batch.records import NewItem, Refusal
from bigbrother.kernel.quantity import Quantity


@dataclass(frozen=True, slots=True)
class SentImage:
    """Where one image lies."""

    name: str
    offset: int
    length: int | None
    """None: it was larger than an image may be, and nothing of it was kept."""


@dataclass(frozen=True, slots=True)
class ItemWords:
    """What a client says of one image."""

    name: str | None
    external_id: str | None
    subject_name: str


class SentImages:
    """The images of a form, in its order; `file` is a descriptor that stays open meanwhile.

    `words` has an entry for each, or none at all.
    """

    def __init__(
        self,
        file: int,
        images: Sequence[SentImage],
        words: Sequence[ItemWords],
        image_size: Quantity,
    ) -> None:
        self._file = file
        self._images = images
        self._words = words
        self._image_size = image_size

    def __len__(self) -> int:
        return len(self._images)

    def __iter__(self) -> Iterator[NewItem]:
        for index, sent in enumerate(self._images):
            words = self._words[index] if self._words else ItemWords(None, None, "")
            name = sent.name if words.name is None else words.name
            yield NewItem(
                name=file_names.shown(name),
                image=self._image(sent),
                external_id=words.external_id or file_names.first_folder(name),
                subject_name=words.subject_name,
            )

    def _image(self, sent: SentImage) -> bytes | Refusal:
        if sent.length is None:
            return image_too_large(self._image_size)
        return image_or_refusal(os.pread(self._file, sent.length, sent.offset))
