"""Turns an image upright as its EXIF orientation says."""

import struct

import numpy as np

from bigbrother.face.engine.types import Image

UPRIGHT = 1
_ORIENTATION, _SHORT = 0x0112, 3
_ENTRY_BYTES = 12


def exif_orientation(exif: bytes) -> int:
    """The orientation 1 to 8 that an EXIF block states; 1 when it states none or is broken.

    Only the one tag of the first directory is looked at, so nothing else in a hostile block
    matters. Source: EXIF 2.32, section 4.5.2 and tag 274; TIFF 6.0, section 2.
    """
    block = exif.removeprefix(b"Exif\0\0")
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(block[:4])
    if order is None:
        return UPRIGHT
    try:
        (directory,) = struct.unpack_from(order + "I", block, 4)
        (entries,) = struct.unpack_from(order + "H", block, directory)
        for index in range(entries):
            place = directory + 2 + index * _ENTRY_BYTES
            tag, kind, count, value = struct.unpack_from(order + "HHIH", block, place)
            if tag == _ORIENTATION:
                valid = kind == _SHORT and count == 1 and 1 <= value <= 8
                return int(value) if valid else UPRIGHT
    except struct.error:
        return UPRIGHT
    return UPRIGHT


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
