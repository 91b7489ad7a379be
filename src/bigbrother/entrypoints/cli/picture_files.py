"""The image files below a folder."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".webp"})


@dataclass(frozen=True, slots=True)
class Found:
    """What lies below a folder, hidden files left out."""

    images: tuple[Path, ...]
    """In the order of their names, folder by folder."""
    others: tuple[Path, ...]
    """Files whose names are not an image's."""


def files_below(folder: Path) -> Found:
    """Every file below a folder. Raises OSError for a folder that cannot be read."""
    images: list[Path] = []
    others: list[Path] = []
    for file in _files(folder, frozenset()):
        (images if file.suffix.lower() in SUFFIXES else others).append(file)
    return Found(tuple(images), tuple(others))


def _files(folder: Path, above: frozenset[tuple[int, int]]) -> Iterator[Path]:
    seen = folder.stat()
    here = (seen.st_dev, seen.st_ino)
    if here in above:
        return  # a link that leads back up
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _files(Path(entry.path), above | {here})
        else:
            yield Path(entry.path)
