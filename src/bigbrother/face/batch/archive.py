"""The images of a zip archive, unpacked one by one as they are stored, never onto a disk."""

from collections.abc import Iterator, Mapping

from bigbrother.face.batch import file_names
from bigbrother.face.batch.archive_directory import (
    Entry,
    read_directory,
    refuse_overlaps,
    unpack,
)
from bigbrother.face.batch.errors import ItemExpandsTooMuch, ItemIsLink, SubjectsFileInvalid
from bigbrother.face.batch.image_files import image_or_refusal, image_too_large
from bigbrother.face.batch.records import NewItem, Refusal
from bigbrother.face.batch.refusals import refusal_of
from bigbrother.face.batch.subjects_file import read_subjects
from bigbrother.face.batch.submission import too_large, too_many_items
from bigbrother.kernel.errors import InvalidInput
from bigbrother.runbook.model import Runbook

_SMALL_BYTES = 1_000_000
"""Up to this size a file may expand as it likes: a plain picture packs well."""


class ArchiveImages:
    """What an archive holds, checked as a whole before anything is unpacked.

    `file` is a descriptor that stays open while this is used. Raises ArchiveFormatUnsupported,
    ArchiveDamaged, ArchiveEncrypted, ArchiveHostile, BatchTooManyItems, BatchTooLarge,
    SubjectsFileInvalid.
    """

    def __init__(self, file: int, runbook: Runbook) -> None:
        self._file = file
        self._image_size = runbook.limits.image_size
        self._expansion = runbook.batch.expansion
        everything: list[Entry] = []
        self._entries: list[Entry] = []
        self._names: Mapping[str, str] = {}
        most = runbook.batch.items
        subjects: Entry | None = None
        for entry in read_directory(file):
            everything.append(entry)
            if entry.name == file_names.SUBJECTS_FILE:
                subjects = entry
            elif not file_names.is_litter(entry.name):
                self._entries.append(entry)
            # As many files again may be an operating system's own.
            if len(self._entries) > most or len(everything) > 2 * most + 1:
                raise too_many_items(runbook.batch)
        refuse_overlaps(everything)
        if sum(entry.unpacked_bytes for entry in everything) > runbook.batch.size.value:
            raise too_large(runbook.batch.size)
        if subjects is not None:
            self._names = self._read_names(subjects)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[NewItem]:
        for entry in self._entries:
            external_id = file_names.first_folder(entry.name)
            yield NewItem(
                name=file_names.shown(entry.name),
                image=self._image(entry),
                external_id=external_id,
                subject_name=self._names.get(external_id or "", ""),
            )

    def _image(self, entry: Entry) -> bytes | Refusal:
        try:
            file_names.check(entry.name)
            if entry.is_link:
                raise ItemIsLink("The file is a link to another.", remedy="Pack the image itself.")
            if max(entry.unpacked_bytes, entry.packed_bytes) > self._image_size.value:
                return image_too_large(self._image_size)
            if entry.unpacked_bytes > max(_SMALL_BYTES, self._expansion * entry.packed_bytes):
                raise ItemExpandsTooMuch(
                    f"The file would become more than {self._expansion} times as large.",
                    remedy="Pack the image in its own format, such as JPEG or PNG.",
                )
            return image_or_refusal(unpack(self._file, entry))
        except InvalidInput as error:
            return refusal_of(error)

    def _read_names(self, entry: Entry) -> Mapping[str, str]:
        if max(entry.unpacked_bytes, entry.packed_bytes) > self._image_size.value:
            raise SubjectsFileInvalid(
                f"{file_names.SUBJECTS_FILE} has more than {self._image_size}.",
                remedy="Send fewer people in one archive.",
            )
        return read_subjects(unpack(self._file, entry))
