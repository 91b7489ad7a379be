"""multipart/form-data taken apart while it arrives, with every bound enforced on the way."""

import re
from dataclasses import dataclass, field

from bigbrother.face.api.errors import TooManyImages
from bigbrother.face.api.form_parts import PartHeading, PartReader, refuse_part
from bigbrother.face.api.strict_json import check_text
from bigbrother.face.engine.errors import ImageTooLarge
from bigbrother.kernel.errors import InvalidInput
from bigbrother.runbook.model import Limits

_LONGEST_FIELD_BYTES = 100
"""Fields are switches and numbers; images have a limit of their own."""
_INTEGER = re.compile(r"-?\d{1,18}")
_DECIMAL = re.compile(r"-?\d{1,18}\.\d{1,18}")

EncodedImage = bytes | InvalidInput
"""The bytes of an image file, or why they were not kept."""


@dataclass(slots=True)
class Form:
    """What a form held."""

    images: dict[str, list[EncodedImage]] = field(default_factory=dict)
    fields: dict[str, bool | int | float | str] = field(default_factory=dict)


@dataclass(slots=True)
class _Part:
    name: str = ""
    is_image: bool = False
    data: bytearray = field(default_factory=bytearray)
    too_large: bool = False


class FormReader(PartReader):
    """Takes the body chunk by chunk with `write`, then gives the form with `finish`.

    Parts named in `images` are image files of at most `limits.image_size`; a larger one is
    dropped while it arrives and its place holds the refusal. Every other part must be one of
    `fields`, once. Raises MalformedMultipart, InvalidRequest, TooManyImages.
    """

    def __init__(
        self, content_type: str, images: frozenset[str], fields: frozenset[str], limits: Limits
    ) -> None:
        super().__init__(content_type)
        self._images = images
        self._fields = fields
        self._limits = limits
        self._form = Form()
        self._count = 0
        self._part = _Part()

    def finish(self) -> Form:
        """The form; the body must have ended with its closing boundary."""
        self.require_end()
        return self._form

    def begin_part(self) -> None:
        """See PartReader."""
        self._part = _Part()
        self._count += 1
        if self._count > self._limits.images_per_request + len(self._fields):
            raise TooManyImages(
                f"The form has more than {self._limits.images_per_request} images.",
                remedy="Send them in several requests.",
            )

    def name_part(self, heading: PartHeading) -> None:
        """See PartReader."""
        name = self._part.name = heading.name
        self._part.is_image = name in self._images
        if not self._part.is_image and name not in self._fields:
            known = ", ".join(sorted(self._images | self._fields))
            raise refuse_part("form", f"There is a part that is none of {known}.")
        if name in self._form.fields:
            raise refuse_part(name, "It stands twice.")

    def take_data(self, data: memoryview) -> None:
        """See PartReader."""
        part = self._part
        longest = self._limits.image_size.value if part.is_image else _LONGEST_FIELD_BYTES
        if len(part.data) + len(data) > longest:
            part.too_large = True
            part.data = bytearray()
        if not part.too_large:
            part.data += data

    def end_part(self) -> None:
        """See PartReader."""
        part = self._part
        if not part.is_image:
            if part.too_large:
                raise refuse_part(part.name, "It is too long.")
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


def too_large(limits: Limits) -> ImageTooLarge:
    """The refusal of an image that is larger than an image may be."""
    return ImageTooLarge(
        f"The image has more than {limits.image_size}.",
        remedy="Send it smaller, or raise limits.image_size in the runbook document.",
    )


def _value(part: _Part) -> bool | int | float | str:
    """A form knows texts only; those that look like JSON's other scalars become those."""
    try:
        text = part.data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise refuse_part(part.name, "It is not UTF-8.") from error
    check_text(text)
    if text in ("true", "false"):
        return text == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    return text
