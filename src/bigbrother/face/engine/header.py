"""Reads what an image claims to be from its first bytes, before any memory is taken for it."""

import struct
from dataclasses import dataclass
from io import BytesIO
from typing import Literal

from PIL.BmpImagePlugin import BmpImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from bigbrother.face.engine.errors import (
    ImageAnimated,
    ImageDamaged,
    ImageEmpty,
    ImageFormatUnsupported,
    ImageTooLarge,
    ImageTooManyPixels,
)
from bigbrother.face.engine.types import EngineLimits

Format = Literal["JPEG", "PNG", "WebP", "BMP"]
_SEND_AGAIN = "Send the original file again, or save it anew as JPEG or PNG."
# Pillow's readers are made directly: its `Image.open` warns and refuses by a process-wide setting.
_READERS: dict[Format, type[ImageFile]] = {
    "JPEG": JpegImageFile,
    "PNG": PngImageFile,
    "WebP": WebPImageFile,
    "BMP": BmpImageFile,
}


@dataclass(frozen=True, slots=True)
class Header:
    """What the first bytes say."""

    format: Format
    width: int
    height: int
    """As stored, before the EXIF orientation."""
    image: ImageFile
    """Pillow's reader for the image, its pixels not yet decoded."""


def read_header(data: bytes, limits: EngineLimits) -> Header:
    """Format and size of an image, within the limits.

    Raises ImageEmpty, ImageTooLarge, ImageFormatUnsupported, ImageDamaged, ImageAnimated or
    ImageTooManyPixels.
    """
    if not data:
        raise ImageEmpty("The image has no bytes.", remedy="Attach a JPEG, PNG, WebP or BMP file.")
    if len(data) > limits.max_image_bytes:
        raise ImageTooLarge(
            f"The image has {len(data)} bytes; {limits.max_image_bytes} are allowed.",
            remedy="Send it smaller, or more strongly compressed.",
        )
    name = format_of(data)
    if name == "WebP":
        # Pillow's WebP reader makes room for the whole picture as soon as it is opened.
        _require_few_pixels(*_webp_size(data), limits)
    image = _open_image(data, name)
    width, height = image.size
    _require_few_pixels(width, height, limits)
    # A JPEG may carry further pictures (thumbnails, depth); the first one is the photo.
    if name != "JPEG" and getattr(image, "is_animated", False):
        raise ImageAnimated("The image is an animation.", remedy="Send a single picture.")
    return Header(name, width, height, image)


def _open_image(data: bytes, name: Format) -> ImageFile:
    try:
        return _READERS[name](BytesIO(data))
    except MemoryError:
        raise
    except Exception as error:  # hostile bytes make a decoder raise anything
        raise damaged(name, error) from error


def damaged(name: Format, error: Exception) -> ImageDamaged:
    """The refusal of an image that its decoder could not read."""
    reason = " ".join(str(error).split())[:200] or type(error).__name__
    return ImageDamaged(f"The {name} image cannot be decoded: {reason}.", remedy=_SEND_AGAIN)


def format_of(data: bytes) -> Format:
    """What the first bytes are; raises ImageFormatUnsupported."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WebP"
    if data.startswith(b"BM"):
        return "BMP"
    raise ImageFormatUnsupported(
        "The bytes are not a JPEG, PNG, WebP or BMP image.",
        remedy="Convert the image to one of these formats.",
    )


def _require_few_pixels(width: int, height: int, limits: EngineLimits) -> None:
    if width <= 0 or height <= 0:
        raise ImageDamaged(f"The image claims a size of {width} x {height}.", remedy=_SEND_AGAIN)
    if width * height > limits.max_image_pixels:
        raise ImageTooManyPixels(
            f"The image has {width} x {height} pixels; {limits.max_image_pixels} in all are "
            "allowed.",
            remedy="Scale it down and send it again.",
        )


def _webp_size(data: bytes) -> tuple[int, int]:
    """Width and height of the canvas. Source: RFC 9649, sections 2.5 to 2.7 and 3.4."""
    kind, body = data[12:16], data[20:30]
    if len(body) < 10:
        raise ImageDamaged("The WebP image ends within its header.", remedy=_SEND_AGAIN)
    if kind == b"VP8X":
        return (
            1 + int.from_bytes(body[4:7], "little"),
            1 + int.from_bytes(body[7:10], "little"),
        )
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", body[6:10])
        return width & 0x3FFF, height & 0x3FFF
    raise ImageDamaged("The WebP image has no picture in its header.", remedy=_SEND_AGAIN)
