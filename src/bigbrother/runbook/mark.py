"""What tells that a file was changed, without reading it."""

from pathlib import Path

Mark = tuple[int, int, int] | None
"""Modification time in nanoseconds, bytes and inode; None where there is no file."""


def mark_of(file: Path) -> Mark:
    """The file's mark; a file that cannot be looked at has none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
