"""Pictures made from the sample photo."""

import cv2
import numpy as np
from numpy.typing import NDArray

from bigbrother.models.samples import sample_photo

Pixels = NDArray[np.uint8]
FACE_PIXELS = 90.0
"""Width of the sample's face box."""
FACE_CENTRE = (224.0, 119.0)


def sample_pixels() -> Pixels:
    """The sample photo, blue before red."""
    return np.asarray(cv2.imdecode(np.frombuffer(sample_photo(), np.uint8), cv2.IMREAD_COLOR))


def encoded(pixels: Pixels, suffix: str = ".jpg") -> bytes:
    """A picture as the bytes of a file."""
    return bytes(cv2.imencode(suffix, pixels)[1].tobytes())


def scaled(pixels: Pixels, factor: float) -> Pixels:
    """A picture enlarged or shrunk."""
    kind = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=kind))


def crowd(width: int, height: int, face_pixels: float, count: int) -> tuple[bytes, Pixels]:
    """A grey picture with heads of the sample at random places; gives the faces' centres too."""
    factor = face_pixels / FACE_PIXELS
    head = scaled(sample_pixels()[20:220, 120:320], factor)
    random = np.random.default_rng(int(face_pixels))
    picture = np.full((height, width, 3), 128, np.uint8)
    cells = [
        (x, y)
        for x in range(0, width - 2 * head.shape[1], 2 * head.shape[1])
        for y in range(0, height - 2 * head.shape[0], 2 * head.shape[0])
    ]
    centres = []
    for index in random.permutation(len(cells))[:count]:
        x, y = (int(side + random.integers(0, head.shape[0])) for side in cells[index])
        picture[y : y + head.shape[0], x : x + head.shape[1]] = head
        centres.append(((FACE_CENTRE[0] - 120) * factor + x, (FACE_CENTRE[1] - 20) * factor + y))
    return encoded(picture), np.array(centres)
