"""The images of a folder of this machine, where the operator allows batches to read it."""

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bigbrother.face.batch import file_names
from bigbrother.face.batch.errors import (
    FolderNotAllowed,
    FolderUnreadable,
    ItemIsLink,
    ItemUnreadable,
    SubjectsFileInvalid,
)
from bigbrother.face.batch.image_files import image_or_refusal, image_too_large
from bigbrother.face.batch.records import NewItem, Refusal
from bigbrother.face.batch.refusals import refusal_of
from bigbrother.face.batch.subjects_file import read_subjects
from bigbrother.face.batch.submission import too_large, too_many_items
from bigbrother.kernel.errors import InvalidInput
from bigbrother.runbook.model import Runbook

_LOOK = "Look whether it exists, and whether the account of bigbrother-face may read it."


@dataclass(frozen=True, slots=True)
class _Found:
    name: str
    """Relative to the folder, with slashes."""
    is_folder_link: bool = False
    unreadable: bool = False


class FolderImages:
    """What a folder holds, by name; links are followed within the allowed folders only.

    Raises FolderNotAllowed, FolderUnreadable, BatchTooManyItems, BatchTooLarge,
    SubjectsFileInvalid.
    """

    def __init__(self, folder: str, allowed: Sequence[Path], runbook: Runbook) -> None:
        self._allowed = [_resolved(place) for place in allowed]
        self._root = self._permitted(folder)
        self._image_size = runbook.limits.image_size
        self._files: list[_Found] = []
        self._names: Mapping[str, str] = {}
        size_bytes = 0
        for found, file_bytes in _walk(self._root):
            if found.name == file_names.SUBJECTS_FILE:
                self._names = self._read_names(found)
                continue
            self._files.append(found)
            size_bytes += file_bytes
            if len(self._files) > runbook.batch.items:
                raise too_many_items(runbook.batch)
            if size_bytes > runbook.batch.size.value:
                raise too_large(runbook.batch.size)

    def __len__(self) -> int:
        return len(self._files)

    def __iter__(self) -> Iterator[NewItem]:
        for found in self._files:
            name = os.fsencode(found.name).decode("utf-8", "replace")
            external_id = file_names.first_folder(name)
            yield NewItem(
                name=file_names.shown(name),
                image=self._image(found),
                external_id=external_id,
                subject_name=self._names.get(external_id or "", ""),
            )

    def _permitted(self, folder: str) -> Path:
        path = Path(folder)
        resolved = _resolved(path) if "\x00" not in folder and path.is_absolute() else None
        if resolved is None or not any(resolved.is_relative_to(place) for place in self._allowed):
            raise FolderNotAllowed(
                "Batches may not read this folder of the server.",
                remedy="Name a folder by its whole path, and have the operator list it, or one "
                "above it, as batch_folders in etc/bigbrother.toml, then restart bigbrother-face.",
            )
        return resolved

    def _image(self, found: _Found) -> bytes | Refusal:
        try:
            if found.is_folder_link:
                raise ItemIsLink(
                    "This is a link to a folder.", remedy="Name that folder in a batch of its own."
                )
            if found.unreadable:
                raise _unreadable()
            data = self._read(found.name)
        except InvalidInput as error:
            return refusal_of(error)
        return image_too_large(self._image_size) if data is None else image_or_refusal(data)

    def _read(self, name: str) -> bytes | None:
        """The file's bytes; None when they are more than an image may have."""
        try:
            target = (self._root / name).resolve(strict=True)
            within = next((at for at in self._allowed if target.is_relative_to(at)), None)
            if within is None:
                raise ItemIsLink(
                    "The file is a link that leads out of the allowed folders.",
                    remedy="Put the image itself there.",
                )
            file = _open_beneath(within, target.relative_to(within))
        except (OSError, RuntimeError, ValueError) as error:
            raise _unreadable() from error
        with os.fdopen(file, "rb") as opened:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise _unreadable()
            limit_bytes = int(self._image_size.value)
            try:
                data = opened.read(limit_bytes + 1)
            except OSError as error:
                raise _unreadable() from error
        return data if len(data) <= limit_bytes else None

    def _read_names(self, found: _Found) -> Mapping[str, str]:
        data = self._read(found.name)
        if data is None:
            raise SubjectsFileInvalid(
                f"{file_names.SUBJECTS_FILE} has more than {self._image_size}.",
                remedy="Send fewer people in one folder.",
            )
        return read_subjects(data)


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:
        raise _folder_unreadable() from error


def _walk(root: Path) -> Iterator[tuple[_Found, int]]:
    """Files in the order of their names, each with its size as far as it is known."""
    # A stack of its own: folders may lie deeper within each other than calls may.
    pending = [iter(_listed(root, ""))]
    while pending:
        entry = next(pending[-1], None)
        if entry is None:
            pending.pop()
            continue
        name = os.path.relpath(entry.path, root)
        try:
            if entry.is_dir(follow_symlinks=False):
                pending.append(iter(_listed(root, name)))
            else:
                yield _Found(name, is_folder_link=entry.is_dir()), entry.stat().st_size
        except FolderUnreadable:
            yield _Found(name, unreadable=True), 0
        except OSError:
            # Gone, or a link to nothing: told when its turn comes.
            yield _Found(name), 0


def _listed(root: Path, below: str) -> list[os.DirEntry[str]]:
    """What lies in the folder and is not hidden, in the order of the names."""
    try:
        with os.scandir(root / below) as listing:
            found = [entry for entry in listing if not file_names.is_litter(entry.name)]
    except OSError as error:
        raise _folder_unreadable() from error
    return sorted(found, key=lambda entry: entry.name)


def _open_beneath(root: Path, relative: Path) -> int:
    """Opens the file step by step, so that no link put there meanwhile leads elsewhere."""
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in relative.parts[:-1]:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = inner
        # Without waiting: opening a pipe would wait for somebody to write into it.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        return os.open(relative.parts[-1], flags, dir_fd=folder)
    finally:
        os.close(folder)


def _unreadable() -> ItemUnreadable:
    return ItemUnreadable("The file is gone, is no plain file, or may not be read.", remedy=_LOOK)


def _folder_unreadable() -> FolderUnreadable:
    return FolderUnreadable("The folder cannot be read.", remedy=_LOOK)
