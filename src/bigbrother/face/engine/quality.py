"""How usable a face is for recognition."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from bigbrother.face.engine.align import similarity_transform
from bigbrother.face.engine.types import Image, Quality

Doubles = NDArray[np.float64]

LOW = 0.3
"""A score below this is named among the reasons."""
# A face of 20 pixels is the smallest that is found; at 112 the embedding network sees real detail.
_NO_SIZE_PIXELS, _FULL_SIZE_PIXELS = 20.0, 112.0
# Ratio of edge strength to contrast: 0.28 for the median face of Labeled Faces in the Wild, 0.11
# when a face of 94 pixels is blurred with a sigma of 2, 0.07 with 4, where recognition breaks down.
_NO_SHARPNESS, _FULL_SHARPNESS = 0.06, 0.25
_CONTRAST_FLOOR = 8.0
# Mean luma of the face; similarity to the well-lit original falls to 0.8 at 15 and at 235.
_BLACK, _DARK, _BRIGHT, _WHITE = 5.0, 50.0, 200.0, 255.0
# Shift of the nose from the middle of the face, in distances between eyes and mouth.
_FULLY_TURNED = 0.5
# Height of the nose between eyes (0) and mouth (1).
_LEVEL_NOSE, _FULLY_NODDED = 0.56, 0.45


def assess(
    crop: Image, landmarks: NDArray[np.floating], box_sides: tuple[float, float], template: Doubles
) -> Quality:
    """Scores of one face.

    `crop` is the aligned face, `landmarks` [5, 2] and `box_sides` (width, height) are in pixels
    of the image it was cut from, `template` [5, 2] is the alignment's. `overall` is the geometric
    mean of the scores.
    """
    inner = _inner_face(crop)
    luma = float(inner.mean())
    scores = {
        "size": size_score(min(box_sides)),
        "sharpness": sharpness_score(inner),
        "pose": pose_score(landmarks, template),
        "brightness": brightness_score(luma),
    }
    slugs = {
        "size": "too-small",
        "sharpness": "blurred",
        "pose": "turned-away",
        "brightness": "too-dark" if luma < _DARK else "too-bright",
    }
    overall = math.prod(scores.values()) ** (1 / len(scores))
    reasons = tuple(slugs[name] for name, score in scores.items() if score < LOW)
    return Quality(**scores, overall=overall, reasons=reasons)


def size_score(side_pixels: float) -> float:
    """0 for a face of 20 pixels or less, 1 from 112 pixels on, logarithmic between."""
    return _logarithmic_ramp(side_pixels, _NO_SIZE_PIXELS, _FULL_SIZE_PIXELS)


def sharpness_score(grey: NDArray[np.floating]) -> float:
    """How strong the finest edges are beside the face's contrast; falls as blur grows."""
    edges = cv2.Laplacian(grey, cv2.CV_32F, ksize=1)
    ratio = float(np.std(edges)) / (float(np.std(grey)) + _CONTRAST_FLOOR)
    return _logarithmic_ramp(ratio, _NO_SHARPNESS, _FULL_SHARPNESS)


def brightness_score(luma: float) -> float:
    """1 for a mean luma (0 to 255) that shows the face, falling towards black and white."""
    return min(_ramp(luma, _BLACK, _DARK), _ramp(-luma, -_WHITE, -_BRIGHT))


def pose_score(landmarks: NDArray[np.floating], template: Doubles) -> float:
    """1 for a face that looks into the camera, 0 for a profile; turning the image changes nothing.

    The nose moves sideways against eyes and mouth when the head turns, and up or down between
    them when it nods.
    """
    turn = similarity_transform(landmarks, template)
    placed = np.asarray(landmarks, np.float64) @ turn[:, :2].T + turn[:, 2]
    eyes, mouth, nose = placed[:2].mean(axis=0), placed[3:].mean(axis=0), placed[2]
    axis = mouth - eyes
    length = float(np.hypot(*axis))
    if length <= 1e-6:
        return 0.0
    down = axis / length
    from_eyes = nose - eyes
    aside = abs(float(from_eyes[0] * down[1] - from_eyes[1] * down[0])) / length
    nod = abs(float(from_eyes @ down) / length - _LEVEL_NOSE)
    return _ramp(-aside, -_FULLY_TURNED, 0.0) * _ramp(-nod, -_FULLY_NODDED, 0.0)


def _inner_face(crop: Image) -> NDArray[np.float32]:
    """Luma of the middle of an aligned face, without background and hair."""
    size = crop.shape[0]
    inner = crop[size // 4 : size - size // 8, size // 5 : size - size // 5]
    return np.asarray(cv2.cvtColor(inner, cv2.COLOR_RGB2GRAY), np.float32)


def _ramp(value: float, nothing: float, full: float) -> float:
    return min(1.0, max(0.0, (value - nothing) / (full - nothing)))


def _logarithmic_ramp(value: float, nothing: float, full: float) -> float:
    return _ramp(math.log(max(value, nothing)), math.log(nothing), math.log(full))
