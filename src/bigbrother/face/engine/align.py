"""Cuts a face out so that its landmarks lie where the embedding network expects them."""

import cv2
import numpy as np
from numpy.typing import NDArray

from bigbrother.face.engine.types import Image

Doubles = NDArray[np.float64]

# Bilinear sampling sees two neighbours only; shrinking further than this would skip pixels.
_LEAST_WARP_SCALE = 0.75


def similarity_transform(source: NDArray[np.floating], target: NDArray[np.floating]) -> Doubles:
    """The rotation, scaling and shift that takes points nearest to others, in closed form.

    Both of shape [n, 2]. Gives [2, 3]: `target = M[:, :2] @ source + M[:, 2]`, least squares,
    never a reflection. Points that all coincide give a matrix of scale 0. Source: Umeyama 1991,
    in two dimensions, where the rotation needs no decomposition.
    """
    source, target = np.asarray(source, np.float64), np.asarray(target, np.float64)
    from_centre, to_centre = source.mean(axis=0), target.mean(axis=0)
    a, b = source - from_centre, target - to_centre
    spread = (a * a).sum()
    if spread <= 0:
        return np.column_stack([np.zeros((2, 2)), to_centre])
    cosine = (a * b).sum() / spread
    sine = (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum() / spread
    turn = np.array([[cosine, -sine], [sine, cosine]])
    return np.column_stack([turn, to_centre - turn @ from_centre])


def warp(pixels: Image, transform: Doubles, size_pixels: int) -> Image:
    """The square that the transform maps onto the first `size_pixels` pixels; black outside.

    Where the transform shrinks, the part that is needed is averaged down first, so that fine
    detail does not turn into false patterns.
    """
    scale = float(np.hypot(transform[0, 0], transform[1, 0]))
    if scale <= 0:
        return np.zeros((size_pixels, size_pixels, 3), np.uint8)
    if scale < _LEAST_WARP_SCALE:
        pixels, transform = _shrink_needed_part(pixels, transform, size_pixels, scale)
    warped = cv2.warpAffine(
        pixels, transform, (size_pixels, size_pixels), flags=cv2.INTER_LINEAR, borderValue=0
    )
    return np.asarray(warped, np.uint8)


def align(
    pixels: Image, landmarks: NDArray[np.floating], template: Doubles, size_pixels: int
) -> Image:
    """The face with these landmarks as the embedding network takes it.

    `landmarks` and `template` are [5, 2]; gives [size_pixels, size_pixels, 3].
    """
    return warp(pixels, similarity_transform(landmarks, template), size_pixels)


def _shrink_needed_part(
    pixels: Image, transform: Doubles, size_pixels: int, scale: float
) -> tuple[Image, Doubles]:
    """The part of the image that the square shows, averaged down, and the transform from it."""
    height, width = pixels.shape[:2]
    inverse = np.linalg.inv(np.vstack([transform, [0, 0, 1]]))
    end = float(size_pixels)
    corners = np.array([[0, 0, 1], [end, 0, 1], [0, end, 1], [end, end, 1]]) @ inverse.T
    margin = 2 / scale
    first = np.floor(corners[:, :2].min(axis=0) - margin)
    after = np.ceil(corners[:, :2].max(axis=0) + margin)
    left, top = np.clip(first, 0, [width - 1, height - 1]).astype(int)
    right, bottom = np.clip(after, [left + 1, top + 1], [width, height]).astype(int)
    part = pixels[top:bottom, left:right]
    small_width = max(1, round(part.shape[1] * scale))
    small_height = max(1, round(part.shape[0] * scale))
    small = cv2.resize(part, (small_width, small_height), interpolation=cv2.INTER_AREA)
    x, y = part.shape[1] / small_width, part.shape[0] / small_height
    # Pixel centres lie at whole numbers, so a pixel of the small image is half a step further in.
    from_small = np.array([[x, 0, (x - 1) / 2 + left], [0, y, (y - 1) / 2 + top], [0, 0, 1]])
    return np.asarray(small, np.uint8), transform @ from_small
