"""Files that may go: what they are, who holds them open, and how they are removed."""

import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bigbrother.operations.housekeeping.said import amount, size, span
from bigbrother.operations.procedures.action import Journal

_PROCESSES = Path("/proc")
_BLOCK_BYTES = 512


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A regular file as it was looked at; one that was changed since is another."""

    path: Path
    occupied_bytes: int
    """On the disk."""
    modified_at: datetime
    identity: tuple[int, int]
    """Device and inode."""
    modified_ns: int


@dataclass(frozen=True, slots=True)
class Removed:
    """What was removed."""

    count: int
    occupied_bytes: int


def look_at(path: Path) -> FoundFile | None:
    """The file at that path; None for what is no regular file (a link is none), or is gone."""
    try:
        there = path.lstat()
    except OSError:
        return None
    if not stat.S_ISREG(there.st_mode):
        return None
    return FoundFile(
        path,
        there.st_blocks * _BLOCK_BYTES,
        datetime.fromtimestamp(there.st_mtime, UTC),
        (there.st_dev, there.st_ino),
        there.st_mtime_ns,
    )


def files_of(folder: Path) -> tuple[FoundFile, ...]:
    """The regular files of a folder, not of those below it; none where there is no folder."""
    try:
        paths = sorted(folder.iterdir())
    except OSError:
        return ()
    return tuple(found for path in paths if (found := look_at(path)) is not None)


def held_open() -> frozenset[tuple[int, int]]:
    """Device and inode of every file that a process holds open, as far as we may look."""
    held = set()
    for process in _PROCESSES.iterdir():
        if not process.name.isdigit():
            continue
        try:
            for descriptor in (process / "fd").iterdir():
                there = descriptor.stat()
                held.add((there.st_dev, there.st_ino))
        except OSError:
            # The process or its descriptor is gone, or is another account's.
            continue
    return frozenset(held)


def remove(
    files: Sequence[FoundFile],
    journal: Journal,
    at_once: int,
    *,
    enough: Callable[[], bool] = lambda: False,
) -> Removed:
    """Removes them in their order until it is `enough`, and says so after each batch.

    What was changed, replaced or taken away since it was looked at is left alone.
    """
    count = occupied_bytes = 0
    for begin in range(0, len(files), at_once):
        if enough():
            break
        gone = [found for found in files[begin : begin + at_once] if _unlinked(found)]
        count += len(gone)
        occupied_bytes += sum(found.occupied_bytes for found in gone)
        journal.say(f"Removed {told(gone)}.")
    return Removed(count, occupied_bytes)


def told(files: Sequence[FoundFile]) -> str:
    """`12 files, 3.4 MB, from 2026-01-02 to 2026-03-04`."""
    total_bytes = sum(found.occupied_bytes for found in files)
    parts = (
        amount(len(files), "file"),
        size(total_bytes),
        span([found.modified_at for found in files]),
    )
    return ", ".join(part for part in parts if part)


def _unlinked(found: FoundFile) -> bool:
    there = look_at(found.path)
    if there is None or there.identity != found.identity:
        return False
    if there.modified_ns != found.modified_ns:
        return False
    found.path.unlink(missing_ok=True)
    return True
