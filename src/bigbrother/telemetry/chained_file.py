"""A file of JSON lines that only grows, and shows every change of what was written.

Each line carries a keyed digest over itself and the digest of the line before. A line counts once
it is whole and on disk; what a kill leaves of an unfinished one is set aside before the next.
"""

import fcntl
import hmac
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from bigbrother.kernel.errors import BigBrotherError

Content = Mapping[str, Any]
_BEGINNING = bytes(32)


class ChainedFileDamaged(BigBrotherError):
    """A line was changed, removed or moved, or belongs to another key."""

    code: ClassVar[str] = "chained-file-damaged"
    title: ClassVar[str] = "A file that only grows was changed"


@dataclass(frozen=True, slots=True)
class _Known:
    """The file as it was read or written last."""

    file: tuple[int, int]
    size_bytes: int
    lines: tuple[Content, ...]
    mac: bytes


class ChainedFile:
    """One such file; processes and threads that append wait for each other."""

    def __init__(self, path: Path, key: bytes) -> None:
        self.path = path
        self._key = key
        self._known: _Known | None = None

    def lines(self) -> tuple[Content, ...]:
        """What every whole line says; nothing where there is no file.

        Raises ChainedFileDamaged, and OSError where it cannot be read.
        """
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return ()
        try:
            return self._read(descriptor).lines
        finally:
            os.close(descriptor)

    def append(self, content: Callable[[int], Content]) -> Content:
        """Adds a line, on disk when this returns; `content` is given how many lines there are.

        Raises ChainedFileDamaged, and OSError where there is no room; then the file is as before.
        """
        made = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if made:
                self._give_to_owner_of_folder(descriptor)
            known = self._read(descriptor)
            self._set_torn_aside(descriptor, known.size_bytes)
            added = content(len(known.lines))
            mac = _mac(self._key, known.mac, added)
            line = _text({"line": added, "mac": mac.hex()}) + b"\n"
            try:
                _write(descriptor, line, known.size_bytes)
            except OSError:
                os.ftruncate(descriptor, known.size_bytes)
                raise
            if made:
                _flush_folder(self.path.parent)
            size_bytes = known.size_bytes + len(line)
            self._known = _Known(known.file, size_bytes, (*known.lines, added), mac)
            return added
        finally:
            os.close(descriptor)

    def _read(self, descriptor: int) -> _Known:
        found = os.fstat(descriptor)
        known = self._known
        same_file = known is not None and known.file == (found.st_dev, found.st_ino)
        if known is not None and same_file and known.size_bytes == found.st_size:
            return known
        raw = os.pread(descriptor, found.st_size, 0)
        whole, newline, _ = raw.rpartition(b"\n")
        lines: list[Content] = []
        mac = _BEGINNING
        for number, text in enumerate(whole.split(b"\n") if newline else (), 1):
            line, mac = self._checked(text, mac, number)
            lines.append(line)
        read_bytes = len(whole) + len(newline)
        self._known = _Known((found.st_dev, found.st_ino), read_bytes, tuple(lines), mac)
        return self._known

    def _checked(self, text: bytes, before: bytes, number: int) -> tuple[Content, bytes]:
        try:
            read = json.loads(text)
            line, mac = read["line"], bytes.fromhex(read["mac"])
            genuine = hmac.compare_digest(_mac(self._key, before, line), mac)
        except (ValueError, KeyError, TypeError):
            genuine = False
        if not genuine:
            raise ChainedFileDamaged(
                f"Line {number} of {self.path} is not what was written there.",
                remedy="Put the file back from a copy, with the master key that was in force.",
            )
        return line, mac

    def _set_torn_aside(self, descriptor: int, whole_bytes: int) -> None:
        torn = os.pread(descriptor, max(0, os.fstat(descriptor).st_size - whole_bytes), whole_bytes)
        if torn:
            with self.path.with_name(f"{self.path.name}.torn").open("ab") as aside:
                aside.write(torn + b"\n")
            os.ftruncate(descriptor, whole_bytes)

    def _give_to_owner_of_folder(self, descriptor: int) -> None:
        """What root begins, the account of the unit goes on with."""
        folder = self.path.parent.stat()
        if os.geteuid() == 0 and folder.st_uid != 0:
            os.fchown(descriptor, folder.st_uid, folder.st_gid)


def _mac(key: bytes, before: bytes, content: Content) -> bytes:
    return hmac.digest(key, before + _text(content), "sha256")


def _text(content: Content) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def _write(descriptor: int, line: bytes, offset: int) -> None:
    written = 0
    while written < len(line):
        written += os.pwrite(descriptor, line[written:], offset + written)
    os.fsync(descriptor)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
