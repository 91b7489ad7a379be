"""multipart/form-data taken apart while it arrives, with every bound enforced on the way."""

import re
from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from bigbrother.face.api.errors import (
    InvalidRequest,
    MalformedMultipart,
    TooManyImages,
)
from bigbrother.face.api.strict_json import check_text
from bigbrother.face.engine.errors import ImageTooLarge
from bigbrother.kernel.errors import InvalidInput
from bigbrother.runbook.model import Limits

_LONGEST_FIELD_BYTES = 100
"""Fields are switches and numbers; images have a limit of their own."""
_INTEGER = re.compile(r"-?\d{1,18}")
_DECIMAL = re.compile(r"-?\d{1,18}\.\d{1,18}")
_REMEDY = "Send multipart/form-data as described at /api/docs; curl -F does it right."

EncodedImage = bytes | InvalidInput
"""The bytes of an image file, or why they were not kept."""


@dataclass(slots=True)
class Form:
    """What a form held."""

    images: dict[str, list[EncodedImage]] = field(default_factory=dict)
    fields: dict[str, bool | int | float | str] = field(default_factory=dict)


@dataclass(slots=True)
class _Part:
    headers: dict[str, bytes] = field(default_factory=dict)
    name: str = ""
    is_image: bool = False
    data: bytearray = field(default_factory=bytearray)
    too_large: bool = False


class FormReader:
    """Takes the body chunk by chunk with `write`, then gives the form with `finish`.

    Parts named in `images` are image files of at most `limits.image_size`; a larger one is
    dropped while it arrives and its place holds the refusal. Every other part must be one of
    `fields`, once. Raises MalformedMultipart, InvalidRequest, TooManyImages.
    """

    def __init__(
        self, content_type: str, images: frozenset[str], fields: frozenset[str], limits: Limits
    ) -> None:
        _, options = parse_options_header(content_type)
        boundary = options.get(b"boundary", b"")
        if not boundary:
            raise MalformedMultipart("The Content-Type names no boundary.", remedy=_REMEDY)
        self._images = images
        self._fields = fields
        self._limits = limits
        self._form = Form()
        self._count = 0
        self._ended = False
        self._part = _Part()
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
                    "on_part_end": self._end_part,
                    "on_end": self._end,
                },
            )
        except FormParserError as error:
            raise MalformedMultipart(f"{error}.", remedy=_REMEDY) from error

    def write(self, chunk: bytes) -> None:
        """Takes the next bytes of the body."""
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise MalformedMultipart(f"{error}.", remedy=_REMEDY) from error

    def finish(self) -> Form:
        """The form; the body must have ended with its closing boundary."""
        if not self._ended:
            raise MalformedMultipart("The form breaks off before its end.", remedy=_REMEDY)
        return self._form

    def _begin_part(self) -> None:
        self._part = _Part()
        self._count += 1
        if self._count > self._limits.images_per_request + len(self._fields):
            raise TooManyImages(
                f"The form has more than {self._limits.images_per_request} images.",
                remedy="Send them in several requests.",
            )

    def _read_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _read_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        self._part.headers[self._header_name.decode("latin-1").lower()] = bytes(self._header_value)
        self._header_name.clear()
        self._header_value.clear()

    def _end_headers(self) -> None:
        kind, options = parse_options_header(self._part.headers.get("content-disposition"))
        if kind != b"form-data" or b"name" not in options:
            raise MalformedMultipart("A part has no name.", remedy=_REMEDY)
        name = options[b"name"].decode("utf-8", "replace")
        self._part.name = name
        self._part.is_image = name in self._images
        if not self._part.is_image and name not in self._fields:
            known = ", ".join(sorted(self._images | self._fields))
            raise _refuse("form", f"There is a part that is none of {known}.")
        if name in self._form.fields:
            raise _refuse(name, "It stands twice.")

    def _read_data(self, data: bytes, start: int, end: int) -> None:
        part = self._part
        longest = self._limits.image_size.value if part.is_image else _LONGEST_FIELD_BYTES
        if len(part.data) + end - start > longest:
            part.too_large = True
            part.data = bytearray()
        if not part.too_large:
            part.data += memoryview(data)[start:end]

    def _end_part(self) -> None:
        part = self._part
        if not part.is_image:
            if part.too_large:
                raise _refuse(part.name, "It is too long.")
            self._form.fields[part.name] = _value(part)
            return
        image: EncodedImage = too_large(self._limits) if part.too_large else bytes(part.data)
        images = self._form.images.setdefault(part.name, [])
        images.append(image)
        if sum(map(len, self._form.images.values())) > self._limits.images_per_request:
            raise TooManyImages(
                f"The form has more than {self._limits.images_per_request} images.",
                remedy="Send them in several requests.",
            )
        self._part = _Part()

    def _end(self) -> None:
        self._ended = True


def too_large(limits: Limits) -> ImageTooLarge:
    """The refusal of an image that is larger than an image may be."""
    return ImageTooLarge(
        f"The image has more than {limits.image_size}.",
        remedy="Send it smaller, or raise limits.image_size in the runbook document.",
    )


def _refuse(location: str, message: str) -> InvalidRequest:
    return InvalidRequest(
        f"{location}: {message}",
        remedy="Compare the request with its description at /api/docs.",
        errors=[{"location": location, "message": message}],
    )


def _value(part: _Part) -> bool | int | float | str:
    """A form knows texts only; those that look like JSON's other scalars become those."""
    try:
        text = part.data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refuse(part.name, "It is not UTF-8.") from error
    check_text(text)
    if text in ("true", "false"):
        return text == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    return text
