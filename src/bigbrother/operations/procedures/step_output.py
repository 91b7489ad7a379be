"""What programs print: as lines, and of too much the beginning and the end."""

import codecs
from collections import deque
from collections.abc import Callable, Iterator

_LONGEST_LINE = 8192


class Lines:
    """Cuts what a program writes, text or not, into lines of bounded length."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._pending = ""

    def feed(self, chunk: bytes) -> Iterator[str]:
        """The lines that are whole by now."""
        text = self._pending + self._decoder.decode(chunk)
        *whole, pending = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        for line in whole:
            yield from _cut(line)
        *cut, self._pending = _cut(pending)
        yield from cut

    def rest(self) -> Iterator[str]:
        """What came after the last line's end."""
        pending = self._pending + self._decoder.decode(b"", final=True)
        self._pending = ""
        if pending:
            yield from _cut(pending)


class Excerpt:
    """Tells the beginning of a text at once and its end when it is over.

    `beginning` and `end` are the characters of each; what lies between is only counted.
    """

    def __init__(self, tell: Callable[[str], None], *, beginning: int, end: int) -> None:
        self._tell = tell
        self._beginning = beginning
        self._end = end
        self._tail: deque[str] = deque()
        self._tail_size = 0
        self._over = False
        self._left_out = 0
        self.told = 0
        """Characters that were told."""

    def add(self, line: str) -> None:
        """One more line."""
        size = len(line) + 1
        if not self._over and self.told + size <= self._beginning:
            self._say(line)
            return
        self._over = True
        self._tail.append(line)
        self._tail_size += size
        while self._tail and self._tail_size > self._end:
            self._tail_size -= len(self._tail.popleft()) + 1
            self._left_out += 1

    def close(self) -> None:
        """No more comes."""
        if self._left_out:
            self._say(f"[{self._left_out} lines left out]")
        while self._tail:
            self._say(self._tail.popleft())

    def _say(self, line: str) -> None:
        self.told += len(line) + 1
        self._tell(line)


def _cut(line: str) -> list[str]:
    """Pieces that are short enough, cut at a blank where there is one: a word may be a secret."""
    pieces = []
    while len(line) > _LONGEST_LINE:
        at = line.rfind(" ", 0, _LONGEST_LINE) + 1 or _LONGEST_LINE
        pieces.append(line[:at])
        line = line[at:]
    return [*pieces, line]
