"""Names of files in archives and folders: which are no images at all, and which are refused."""

import re
import unicodedata

from bigbrother.face.batch.errors import ItemNameUnsafe

SUBJECTS_FILE = "subjects.csv"
_LONGEST_SHOWN = 300
_LITTER = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})
"""What operating systems leave in folders."""
_DRIVE = re.compile(r"[A-Za-z]:")
_UNKNOWN = "\ufffd"


def is_litter(name: str) -> bool:
    """Whether the file is none that a person put there: hidden, or an operating system's own."""
    parts = name.split("/")
    return any(
        part in _LITTER or (part.startswith(".") and part not in (".", "..")) for part in parts
    )


def check(name: str) -> None:
    """Raises ItemNameUnsafe for a name that leads out of its folder or means two things."""
    parts = name.split("/")
    if (
        any(part in ("", ".", "..") for part in parts)
        or "\\" in name
        or "\x00" in name
        or _DRIVE.match(name)
    ):
        raise ItemNameUnsafe(
            "The file's name is absolute, climbs out of its folder, or holds a backslash, a drive "
            "or NUL.",
            remedy="Pack the files anew, by plain relative names.",
        )


def shown(name: str) -> str:
    """The name as it can be stored and shown: no control characters, not endless."""
    return "".join(
        _UNKNOWN if unicodedata.category(character).startswith("C") else character
        for character in name[:_LONGEST_SHOWN]
    )


def first_folder(name: str) -> str | None:
    """Whose face the file shows, by the folder in which it lies; None outside of any."""
    folder, slash, _ = name.partition("/")
    return folder if slash else None
