"""Whom and what a source names, and what is wrong with it."""

import os
import re
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bigbrother.face.gallery import given
from bigbrother.kernel.errors import InvalidInput

_LINE_BREAKING = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class SourceRefused(InvalidInput):
    """The source of a bulk enrolment cannot be used as it is."""

    code = "source-refused"
    title = "The source cannot be used"


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo of one person."""

    file: Path
    path: str
    """As the source names it; unique for its person."""
    external_id: str
    name: str
    """The person's; empty where the source names none."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in the source that cannot be sent."""

    where: str
    """`line 7`, or a path."""
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what} {self.remedy}"


@dataclass
class People:
    """Everything that a source holds."""

    photos: list[Photo] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    left_out: list[Path] = field(default_factory=list)
    """Files whose names are not an image's."""


def check(photo: Photo, where: str) -> Fault | None:
    """What keeps the photo from being sent, or None. The file itself is looked at, not read."""
    return _name_fault(photo, where) or _file_fault(photo.file, where)


def one_name_each(photos: Sequence[tuple[Photo, str]]) -> Iterable[Fault]:
    """A fault for each photo whose person is called otherwise further up; each with its place."""
    first: dict[str, tuple[str, str]] = {}
    for photo, where in photos:
        if not photo.name:
            continue
        name, line = first.setdefault(photo.external_id, (photo.name, where))
        if name != photo.name:
            yield Fault(
                where,
                f"'{photo.external_id}' is called '{photo.name}' here and '{name}' in {line}.",
                "Give one name.",
            )


def _name_fault(photo: Photo, where: str) -> Fault | None:
    try:
        given.external_id(photo.external_id)
    except InvalidInput as error:
        return Fault(where, error.detail, error.remedy)
    if not _sayable(photo.path):
        return Fault(
            where, "The path holds a line break or is not UTF-8.", "Rename the file or its folder."
        )
    if photo.name and not _sayable(photo.name):
        return Fault(where, "The name holds a line break.", "Write it in one line.")
    return None


def _sayable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return _LINE_BREAKING.search(text) is None


def _file_fault(file: Path, where: str) -> Fault | None:
    try:
        mode = file.stat().st_mode
    except OSError as error:
        return Fault(where, f"{file}: {error.strerror}.", "Mend the path, or bring the file back.")
    if not stat.S_ISREG(mode):
        return Fault(where, f"{file} is not a file.", "Give the path of an image file.")
    if not os.access(file, os.R_OK):
        return Fault(where, f"{file} may not be read.", "Grant access to it.")
    return None
