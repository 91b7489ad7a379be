"""Turns an image upright as its EXIF orientation says."""

import numpy as np

from bigbrother.face.engine.types import Image

UPRIGHT = 1
_TAG = 0x0112
"""EXIF 2.32, tag 274, Orientation."""


def exif_orientation(exif: object) -> int:
    """The orientation 1 to 8 in a mapping of EXIF tags; 1 when there is none that is valid."""
    value = exif.get(_TAG) if hasattr(exif, "get") else None
    return value if isinstance(value, int) and 1 <= value <= 8 else UPRIGHT


def swaps_sides(orientation: int) -> bool:
    """Whether turning upright exchanges width and height."""
    return orientation >= 5


def upright(image: Image, orientation: int) -> Image:
    """The image turned and mirrored so that it stands as it was seen.

    The orientation names the place of the stored first row and column: 1 top left, 2 top right,
    3 bottom right, 4 bottom left, 5 left top, 6 right top, 7 right bottom, 8 left bottom.
    """
    if swaps_sides(orientation):
        image = image.transpose(1, 0, 2)
    if orientation in (3, 4, 7, 8):
        image = image[::-1]
    if orientation in (2, 3, 6, 7):
        image = image[:, ::-1]
    return np.ascontiguousarray(image)
