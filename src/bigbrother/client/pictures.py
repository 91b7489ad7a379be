"""Turns whatever a program holds as a picture into the bytes of an image file."""

import io
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bigbrother.client.errors import PictureUnreadable

Picture = str | PathLike[str] | bytes | NDArray[Any] | Image.Image
"""A file's path, a file's bytes, an array (uint8, [height, width], [height, width, 3] RGB or
[height, width, 4] RGBA) or a Pillow image."""


def picture_bytes(picture: Picture) -> bytes:
    """The picture as the bytes of an image file; files and bytes go out unchanged.

    Arrays and Pillow images become PNG, which loses nothing. Raises PictureUnreadable for a file
    that cannot be read and an array of another shape or type.
    """
    if isinstance(picture, bytes | bytearray | memoryview):
        return bytes(picture)
    if isinstance(picture, np.ndarray):
        return _png(_from_array(picture))
    if isinstance(picture, Image.Image):
        return _png(picture)
    if isinstance(picture, str | PathLike):
        return _file_bytes(picture)
    raise PictureUnreadable(
        f"A {type(picture).__name__} is not a picture.",
        remedy="Give a path, bytes, a uint8 array or a Pillow image.",
    )


def unreadable(path: str | PathLike[str], error: OSError | ValueError) -> PictureUnreadable:
    """The error for a file that could not be read; a ValueError is one about the path itself."""
    if isinstance(error, OSError):
        detail = f"{path}: {error.strerror or error}."
    else:
        detail = f"{str(path)!r} is not a path: {error}."
    return PictureUnreadable(detail, remedy="Give the path of an image file.")


def _file_bytes(path: str | PathLike[str]) -> bytes:
    try:
        return Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error


def _from_array(array: NDArray[Any]) -> Image.Image:
    channels = array.shape[2] if array.ndim == 3 else 1
    if array.dtype != np.uint8 or array.ndim not in (2, 3) or channels not in (1, 3, 4):
        raise PictureUnreadable(
            f"An array of {array.dtype} with the shape {list(array.shape)} is not a picture.",
            remedy="Give uint8 values of the shape [height, width], or with 3 (RGB) or 4 (RGBA) "
            "channels behind.",
        )
    if array.size == 0:
        raise PictureUnreadable("The array is empty.", remedy="Give at least one pixel.")
    return Image.fromarray(
        np.ascontiguousarray(array.squeeze(2) if channels == 1 and array.ndim == 3 else array)
    )


def _png(image: Image.Image) -> bytes:
    # PNG has no CMYK, YCbCr, LAB, HSV or float pixels.
    plain = image if image.mode in ("1", "L", "LA", "P", "RGB", "RGBA") else image.convert("RGB")
    buffer = io.BytesIO()
    # Orientation and profiles travel along; level 1 since the line is mostly loopback.
    plain.save(
        buffer,
        "PNG",
        compress_level=1,
        exif=image.getexif(),
        icc_profile=image.info.get("icc_profile"),
    )
    return buffer.getvalue()
