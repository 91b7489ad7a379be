"""Reading the units' logs, which supervisord writes and rotates."""

import os
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_POLL_SECONDS = 0.2


def tail(file: Path, lines: int, *, about: str = "") -> tuple[str, ...]:
    """The last lines, without their line ends; none when there is no log yet.

    With `about` only those that hold this word count.
    """
    word = about.encode()
    try:
        with file.open("rb") as stream:
            chosen = (line for line in stream if word in line)
            return tuple(_text(line) for line in deque(chosen, maxlen=lines))
    except FileNotFoundError:
        return ()


def follow(file: Path) -> Iterator[str]:
    """Lines written from now on, through rotations and before the file exists; never ends."""
    stream = _open(file, at_end=True)
    pending = b""
    while True:
        if stream is not None:
            *whole, pending = (pending + stream.read()).split(b"\n")
            yield from (_text(line) for line in whole)
        time.sleep(_POLL_SECONDS)
        if stream is None or _was_replaced(file, stream):
            if stream is not None:
                yield from (_text(line) for line in (pending + stream.read()).splitlines())
                pending = b""
                stream.close()
            stream = _open(file, at_end=False)


def _open(file: Path, *, at_end: bool) -> BinaryIO | None:
    try:
        stream = file.open("rb")
    except FileNotFoundError:
        return None
    if at_end:
        stream.seek(0, 2)
    return stream


def _was_replaced(file: Path, stream: BinaryIO) -> bool:
    try:
        there = file.stat()
    except FileNotFoundError:
        return True
    return not os.path.samestat(there, os.fstat(stream.fileno())) or there.st_size < stream.tell()


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").rstrip("\r\n")
