"""Bytes of an image file to upright RGB pixels."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image as PillowImage
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile

from bigbrother.face.engine.errors import ImageDamaged
from bigbrother.face.engine.header import Header, damaged, read_header
from bigbrother.face.engine.orientation import exif_orientation, swaps_sides, upright
from bigbrother.face.engine.types import EngineLimits, Image

MOST_WORKING_PIXELS = 16_000_000
"""Larger images are halved until they fit: beyond it a face gains no detail that a network of
112 x 112 pixels could use, but every step costs time and memory."""
_STRIP_PIXELS = 1_000_000
_STORED_BYTES = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2}
_STORED_BYTES_OF_COLOUR = 4
_WEBP_BYTES = 7
_WHITE = 255


@dataclass(frozen=True, slots=True)
class DecodedImage:
    """An upright image; huge ones are held smaller than they are."""

    pixels: Image
    width: int
    height: int
    """Size of the upright original in pixels."""

    @property
    def scale(self) -> tuple[float, float]:
        """Original pixels for one held pixel, along x and y; at least 1."""
        return self.width / self.pixels.shape[1], self.height / self.pixels.shape[0]


def decoded_bytes(data: bytes, limits: EngineLimits) -> int:
    """Most memory that decoding the image takes, from its header only.

    Raises the refusals of `decode`, except of images whose damage lies behind the header.
    """
    header = read_header(data, limits)
    factor = _shrink_factor(header)
    pixels = header.width * header.height
    held = -(-header.width // factor) * -(-header.height // factor)
    image = header.image
    stored = _STORED_BYTES.get(image.mode, _STORED_BYTES_OF_COLOUR)
    if header.format == "JPEG":
        # The decoder shrinks while it reads; a progressive file's coefficients stay whole (int16).
        coefficients = 6 * pixels if image.info.get("progressive") else 0
        return held * (stored + 3 + 3) + coefficients
    if header.format == "WebP":
        stored = _WEBP_BYTES
    return pixels * stored + held * 6


def decode(data: bytes, limits: EngineLimits) -> DecodedImage:
    """The image as upright RGB; transparent places become white.

    Takes JPEG, PNG, WebP and BMP: grey, palette, 16 bits, alpha, CMYK. Raises ImageEmpty,
    ImageTooLarge, ImageFormatUnsupported, ImageTooManyPixels, ImageAnimated or ImageDamaged.
    """
    header = read_header(data, limits)
    image = header.image
    try:
        if header.format == "WebP":
            stored = _shrunk(header.width, header.height, header, _webp_strips(data))
        else:
            stored = _decode_with_pillow(image, header)
        orientation = exif_orientation(image.info.get("exif", b""))
    except (MemoryError, ImageDamaged):
        raise
    except Exception as error:  # hostile bytes make a decoder raise anything
        raise damaged(header.format, error) from error
    width, height = header.width, header.height
    if swaps_sides(orientation):
        width, height = height, width
    return DecodedImage(upright(stored, orientation), width, height)


def _decode_with_pillow(image: ImageFile, header: Header) -> Image:
    factor = _shrink_factor(header)
    if isinstance(image, JpegImageFile) and factor > 1:
        # The decoder leaves detail out while it reads: less time and memory than shrinking later.
        image.draft(None, (header.width // factor, header.height // factor))
    image.load()
    width, height = image.size

    def strip(top: int, bottom: int) -> Image:
        return _strip_to_rgb(image.crop((0, top, width, bottom)), image.info)

    return _shrunk(width, height, header, strip)


def _webp_strips(data: bytes) -> Callable[[int, int], Image]:
    """OpenCV decodes WebP in a third of the time and memory of Pillow's animation reader."""
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None:
        raise ValueError("its picture data is cut off or broken")
    pixels = np.asarray(decoded, np.uint8)

    def strip(top: int, bottom: int) -> Image:
        rows = pixels[top:bottom]
        if rows.shape[2] == 4:
            return _over_white(np.asarray(cv2.cvtColor(rows, cv2.COLOR_BGRA2RGBA), np.uint8))
        return np.asarray(cv2.cvtColor(rows, cv2.COLOR_BGR2RGB), np.uint8)

    return strip


def _shrink_factor(header: Header) -> int:
    factor = 1
    while header.width * header.height > MOST_WORKING_PIXELS * factor * factor:
        factor *= 2
    return factor


def _shrunk(width: int, height: int, header: Header, strip: Callable[[int, int], Image]) -> Image:
    """The whole picture at its working size, taken strip by strip so that no second copy is made.

    `strip(top, bottom)` gives rows of a picture that the decoder may have shrunk already.
    """
    factor = max(1, round(_shrink_factor(header) * width / header.width))
    rows = max(1, _STRIP_PIXELS // width // factor)
    held = np.empty((max(1, height // factor), max(1, width // factor), 3), np.uint8)
    for first in range(0, len(held), rows):
        after = min(first + rows, len(held))
        bottom = height if after == len(held) else after * factor
        part = strip(first * factor, bottom)
        if factor > 1:
            size = (held.shape[1], after - first)
            part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
        held[first:after] = part
    return held


def _strip_to_rgb(strip: PillowImage.Image, info: dict[str | tuple[int, int], object]) -> Image:
    if strip.mode.startswith("I;16"):
        return _grey((np.asarray(strip) >> 8).astype(np.uint8))
    if strip.mode in ("I", "F"):
        return _grey(np.clip(np.asarray(strip) / 256, 0, _WHITE).astype(np.uint8))
    if strip.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in info:
        return _over_white(np.asarray(strip.convert("RGBA")))
    return np.asarray(strip.convert("RGB"))


def _grey(values: Image) -> Image:
    return np.repeat(values[:, :, None], 3, axis=2)


def _over_white(rgba: Image) -> Image:
    alpha = rgba[:, :, 3:].astype(np.uint16)
    mixed = rgba[:, :, :3] * alpha + _WHITE * (_WHITE - alpha) + _WHITE // 2
    return (mixed // _WHITE).astype(np.uint8)
