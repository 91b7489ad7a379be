"""The parts of a multipart/form-data body, handed on while they arrive; none is kept here."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from bigbrother.face.api.errors import InvalidRequest, MalformedMultipart

_LONGEST_HEADING_BYTES = 16_000
_REMEDY = "Send multipart/form-data as described at /api/docs; curl -F does it right."


@dataclass(frozen=True, slots=True)
class PartHeading:
    """What stands above a part's data."""

    name: str
    filename: str
    """Empty when there is none."""


class PartReader(ABC):
    """Takes the body chunk by chunk with `write` and calls the methods of its subclass.

    Raises MalformedMultipart, and what those raise.
    """

    def __init__(self, content_type: str) -> None:
        _, options = parse_options_header(content_type)
        boundary = options.get(b"boundary", b"")
        if not boundary:
            raise MalformedMultipart("The Content-Type names no boundary.", remedy=_REMEDY)
        self._ended = False
        self._headers: dict[str, bytes] = {}
        self._heading_bytes = 0
        self._header_name = bytearray()
        self._header_value = bytearray()
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin_part,
                    "on_header_field": self._read_header_name,
                    "on_header_value": self._read_header_value,
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._end_headers,
                    "on_part_data": self._read_data,
                    "on_part_end": self.end_part,
                    "on_end": self._end,
                },
            )
        except FormParserError as error:
            raise MalformedMultipart(f"{error}.", remedy=_REMEDY) from error

    @abstractmethod
    def begin_part(self) -> None:
        """Another part begins."""

    @abstractmethod
    def name_part(self, heading: PartHeading) -> None:
        """The part's heading is complete."""

    @abstractmethod
    def take_data(self, data: memoryview) -> None:
        """The next bytes of the part."""

    @abstractmethod
    def end_part(self) -> None:
        """The part is complete."""

    def write(self, chunk: bytes) -> None:
        """Takes the next bytes of the body."""
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise MalformedMultipart(f"{error}.", remedy=_REMEDY) from error

    def require_end(self) -> None:
        """Raises MalformedMultipart unless the body ended with its closing boundary."""
        if not self._ended:
            raise MalformedMultipart("The form breaks off before its end.", remedy=_REMEDY)

    def _bound_heading(self, further_bytes: int) -> None:
        self._heading_bytes += further_bytes
        if self._heading_bytes > _LONGEST_HEADING_BYTES:
            raise MalformedMultipart("A part's heading is too long.", remedy=_REMEDY)

    def _begin_part(self) -> None:
        self._headers = {}
        self._heading_bytes = 0
        self.begin_part()

    def _read_header_name(self, data: bytes, start: int, end: int) -> None:
        self._bound_heading(end - start)
        self._header_name += data[start:end]

    def _read_header_value(self, data: bytes, start: int, end: int) -> None:
        self._bound_heading(end - start)
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        self._headers[self._header_name.decode("latin-1").lower()] = bytes(self._header_value)
        self._header_name.clear()
        self._header_value.clear()

    def _end_headers(self) -> None:
        kind, options = parse_options_header(self._headers.get("content-disposition"))
        if kind != b"form-data" or b"name" not in options:
            raise MalformedMultipart("A part has no name.", remedy=_REMEDY)
        name, filename = (
            options.get(option, b"").decode("utf-8", "replace") for option in (b"name", b"filename")
        )
        self.name_part(PartHeading(name, filename))

    def _read_data(self, data: bytes, start: int, end: int) -> None:
        self.take_data(memoryview(data)[start:end])

    def _end(self) -> None:
        self._ended = True


def refuse_part(location: str, message: str) -> InvalidRequest:
    """The refusal of a form for what stands at one place of it."""
    return InvalidRequest(
        f"{location}: {message}",
        remedy="Compare the request with its description at /api/docs.",
        errors=[{"location": location, "message": message}],
    )
