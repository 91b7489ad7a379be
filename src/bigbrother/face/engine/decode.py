"""Bytes of an image file to upright RGB pixels."""

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from PIL import Image as PillowImage
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile

from bigbrother.face.engine.header import Header, damaged, open_image, read_header
from bigbrother.face.engine.orientation import exif_orientation, swaps_sides, upright
from bigbrother.face.engine.types import EngineLimits, Image

MOST_WORKING_PIXELS = 16_000_000
"""Larger images are halved until they fit: beyond it a face gains no detail that a network of
112 x 112 pixels could use, but every step costs time and memory."""
_STRIP_PIXELS = 1_000_000
_STORED_BYTES = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2}
_STORED_BYTES_OF_COLOUR = 4
# Pillow's WebP reader holds the canvas, the frame before it and a copy beside the picture itself.
_WEBP_COPIES = 4
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
    image = open_image(data, header.format)
    stored = _STORED_BYTES.get(image.mode, _STORED_BYTES_OF_COLOUR)
    if header.format == "JPEG":
        # The decoder shrinks while it reads; a progressive file's coefficients stay whole (int16).
        coefficients = 6 * pixels if image.info.get("progressive") else 0
        return held * (stored + 3 + 3) + coefficients
    copies = _WEBP_COPIES if header.format == "WebP" else 1
    return pixels * stored * copies + held * 6


def decode(data: bytes, limits: EngineLimits) -> DecodedImage:
    """The image as upright RGB; transparent places become white.

    Takes JPEG, PNG, WebP and BMP: grey, palette, 16 bits, alpha, CMYK. Raises ImageEmpty,
    ImageTooLarge, ImageFormatUnsupported, ImageTooManyPixels, ImageAnimated or ImageDamaged.
    """
    header = read_header(data, limits)
    factor = _shrink_factor(header)
    image = open_image(data, header.format)
    try:
        if isinstance(image, JpegImageFile) and factor > 1:
            wanted = (header.width // factor, header.height // factor)
            image.draft(None, wanted)
            factor = max(1, round(factor * image.size[0] / header.width))
        image.load()
        orientation = exif_orientation(image.getexif())
        pixels = upright(_to_rgb(image, factor), orientation)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  # hostile bytes make a decoder raise anything
        raise damaged(header.format, error) from error
    width, height = header.width, header.height
    if swaps_sides(orientation):
        width, height = height, width
    return DecodedImage(pixels, width, height)


def _shrink_factor(header: Header) -> int:
    factor = 1
    while header.width * header.height > MOST_WORKING_PIXELS * factor * factor:
        factor *= 2
    return factor


def _to_rgb(image: ImageFile, factor: int) -> Image:
    """RGB at one `factor`-th of the size, strip by strip so that no second whole copy is made."""
    width, height = image.size
    rows = max(1, _STRIP_PIXELS // width // factor) * factor
    out_width, out_height = max(1, width // factor), max(1, height // factor)
    held = np.empty((out_height, out_width, 3), np.uint8)
    done = 0
    while done < out_height:
        top = done * factor
        last = done + rows // factor >= out_height
        bottom = height if last else top + rows
        strip = _strip_to_rgb(image.crop((0, top, width, bottom)), image.info)
        taken = out_height - done if last else rows // factor
        if factor > 1:
            small = cv2.resize(strip, (out_width, taken), interpolation=cv2.INTER_AREA)
            strip = cast(Image, small)
        held[done : done + taken] = strip
        done += taken
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
