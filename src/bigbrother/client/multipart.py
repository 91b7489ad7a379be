"""multipart/form-data, written piece by piece. Source: RFC 7578."""

import re
import stat
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from bigbrother.client.errors import PictureUnreadable
from bigbrother.client.pictures import Picture, picture_bytes, unreadable
from bigbrother.client.request import Body

OCTETS = "application/octet-stream"
JSON = "application/json"
_FIELD = "text/plain; charset=utf-8"
_LINE_END = b"\r\n"
_PIECE_BYTES = 256 * 1024
_NOT_PLAIN = re.compile(r'["\\%\x00-\x1f\x7f]|[\ud800-\udfff]')
"""Characters that a part's header cannot hold, or that its readers understand in several ways."""


@dataclass(frozen=True, slots=True)
class Part:
    """A field or a file of a form."""

    name: str
    content: Picture
    """Read, and encoded where it is no file yet, while the part is sent."""
    length_bytes: int | None = None
    """Of the content, where it is known before."""
    content_type: str = OCTETS
    filename: str | None = None
    """None: a field. Shown as far as a header can hold it."""


class Form:
    """The frame around parts, with a boundary of its own."""

    def __init__(self) -> None:
        self._boundary = uuid.uuid4().hex
        self.headers: Mapping[str, str] = {
            "Content-Type": f"multipart/form-data; boundary={self._boundary}"
        }

    def pieces(self, parts: Iterable[Part]) -> Iterator[bytes]:
        """The form as it is sent, in pieces of a good size. Raises PictureUnreadable."""
        gathered = bytearray()
        for piece in self._small_pieces(parts):
            gathered += piece
            if len(gathered) >= _PIECE_BYTES:
                yield bytes(gathered)
                gathered.clear()
        yield bytes(gathered)

    def length_bytes(self, parts: Iterable[Part]) -> int | None:
        """Of the whole form; None when a part's is not known before it is read."""
        length_bytes = len(self._end())
        for part in parts:
            if part.length_bytes is None:
                return None
            length_bytes += len(self._head(part)) + part.length_bytes + len(_LINE_END)
        return length_bytes

    def _small_pieces(self, parts: Iterable[Part]) -> Iterator[bytes]:
        for part in parts:
            yield self._head(part)
            yield from _content(part)
            yield _LINE_END
        yield self._end()

    def _head(self, part: Part) -> bytes:
        filename = ""
        if part.filename is not None:
            filename = f'; filename="{_NOT_PLAIN.sub("_", part.filename) or "_"}"'
        return (
            f"--{self._boundary}\r\n"
            f'Content-Disposition: form-data; name="{part.name}"{filename}\r\n'
            f"Content-Type: {part.content_type}\r\n\r\n"
        ).encode()

    def _end(self) -> bytes:
        return f"--{self._boundary}--\r\n".encode()


def form_body(fields: Mapping[str, str], pictures: Sequence[tuple[str, Picture]]) -> Body:
    """A form held in memory: fields, and pictures by the names of their parts."""
    parts = [Part(name, value.encode(), content_type=_FIELD) for name, value in fields.items()]
    # A local file's name is nobody's business, so the parts are numbered.
    parts += [
        Part(name, picture, filename=f"image-{number}")
        for number, (name, picture) in enumerate(pictures, 1)
    ]
    form = Form()
    return Body(b"".join(form.pieces(parts)), headers=form.headers)


def is_plain(filename: str) -> bool:
    """Whether a part's header can hold the name as it is."""
    return bool(filename) and not _NOT_PLAIN.search(filename)


def length_of(content: Picture) -> int | None:
    """Of what is sent, in bytes; None for a picture that is yet to be encoded.

    Raises PictureUnreadable for a file that is not there.
    """
    if isinstance(content, bytes):
        return len(content)
    if not isinstance(content, str | PathLike):
        return None
    try:
        found = Path(content).stat()
    except (OSError, ValueError) as error:
        raise unreadable(content, error) from error
    # A pipe has no length before it ends.
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def _content(part: Part) -> Iterator[bytes]:
    if not isinstance(part.content, str | PathLike):
        yield picture_bytes(part.content)
        return
    read_bytes = 0
    try:
        with Path(part.content).open("rb") as file:
            while piece := file.read(_PIECE_BYTES):
                read_bytes += len(piece)
                if part.length_bytes is not None and read_bytes > part.length_bytes:
                    break
                yield piece
    except (OSError, ValueError) as error:
        raise unreadable(part.content, error) from error
    if part.length_bytes is not None and read_bytes != part.length_bytes:
        raise PictureUnreadable(
            f"{part.content}: it was changed while it was sent.",
            remedy="Send it again once nobody writes to it.",
        )
