"""Finds faces and their five landmarks with YuNet, at every size from 20 pixels up."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bigbrother.face.engine.session import open_session
from bigbrother.face.engine.types import Image

Floats = NDArray[np.float32]

# YuNet finds faces of 20 to 400 pixels (bench/engine.py and the tests measure it); the levels of
# the pyramid overlap so that every face falls well inside this range on one of them.
_SURE_FACE_PIXELS = 32
_SMALLEST_LEVEL_PIXELS = 320
_LARGEST_SINGLE_LEVEL_PIXELS = 400
_LEVEL_RATIO = 4
_TILE_PIXELS = 1280
_TILE_OVERLAP_PIXELS = 160
_EDGE_PIXELS = 2
_STRIDES = (8, 16, 32)
_MOST_OVERLAP = 0.3
_LONGEST_SIDE_RATIO = 4.0


@dataclass(frozen=True, slots=True)
class Detections:
    """Faces in pixels of the image that was searched, most certain first."""

    boxes: Floats
    """Shape [n, 4]: left, top, right, bottom; may reach over the image's edge."""
    scores: Floats
    """Shape [n], in [0, 1]."""
    landmarks: Floats
    """Shape [n, 5, 2]: eyes, nose tip, mouth corners, each pair from left to right."""

    def __len__(self) -> int:
        return len(self.scores)

    def only(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> "Detections":
        """Those that a mask or an order of indices names."""
        return Detections(self.boxes[chosen], self.scores[chosen], self.landmarks[chosen])


NOTHING = Detections(
    np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros((0, 5, 2), np.float32)
)


class Detector:
    """One YuNet session; threads may share it."""

    def __init__(self, network: bytes, score_threshold: float) -> None:
        self._session = open_session(network)
        self._names = [output.name for output in self._session.get_outputs()]
        self._score_threshold = score_threshold

    def detect(self, pixels: Image, min_size_pixels: float = 0.0) -> Detections:
        """All faces in an image.

        The image is searched at full size in overlapping tiles, then again at a quarter of the
        size and so on until it is small, so that tiny and huge faces are both found. The cost is
        that of the full size: 40 to 60 ms a megapixel of one core (bench/engine.py measures it). A
        `min_size_pixels` above 32 begins at a smaller size, and the cost falls with its square.
        """
        scales = pyramid(pixels.shape[1], pixels.shape[0], min_size_pixels)
        return suppress(join([self._detect_level(pixels, scale) for scale in scales]))

    def _detect_level(self, pixels: Image, scale: float) -> Detections:
        height, width = pixels.shape[:2]
        level = pixels
        if scale < 1:
            size = (max(1, round(width * scale)), max(1, round(height * scale)))
            level = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
        level_height, level_width = level.shape[:2]
        found = [NOTHING]
        for top, bottom in tile_spans(level_height):
            for left, right in tile_spans(level_width):
                tile = self._detect_tile(level[top:bottom, left:right])
                whole = _whole(tile, left, top, right, bottom, level_width, level_height)
                found.append(whole)
        back = np.array([width / level_width, height / level_height], np.float32)
        return _scaled(join(found), back)

    def _detect_tile(self, tile: Image) -> Detections:
        height, width = tile.shape[:2]
        padded = np.zeros((1, _round_up(height), _round_up(width), 3), np.uint8)
        padded[0, :height, :width] = tile
        outputs = self._session.run(self._names, {"images": padded})
        by_name = dict(zip(self._names, outputs, strict=True))
        return read_outputs(by_name, padded.shape[2], self._score_threshold)


def pyramid(width: int, height: int, min_size_pixels: float = 0.0) -> Iterator[float]:
    """The scales at which an image is searched, largest first; each in (0, 1]."""
    longest = max(width, height)
    scale = min(1.0, _SURE_FACE_PIXELS / max(min_size_pixels, _SURE_FACE_PIXELS))
    yield scale
    while longest * scale > _LARGEST_SINGLE_LEVEL_PIXELS:
        scale = max(scale / _LEVEL_RATIO, _SMALLEST_LEVEL_PIXELS / longest)
        yield scale


def tile_spans(length: int) -> list[tuple[int, int]]:
    """Overlapping spans of equal length that cover `length` pixels."""
    if length <= _TILE_PIXELS:
        return [(0, length)]
    step = _TILE_PIXELS - _TILE_OVERLAP_PIXELS
    count = math.ceil((length - _TILE_OVERLAP_PIXELS) / step)
    starts = np.linspace(0, length - _TILE_PIXELS, count).round().astype(int)
    return [(int(start), int(start) + _TILE_PIXELS) for start in starts]


def read_outputs(outputs: Mapping[str, Floats], width: int, score_threshold: float) -> Detections:
    """YuNet's answer for one image, `width` pixels wide, as faces.

    Each stride s has a grid of anchors s pixels apart. `bbox` holds the centre's offset and the
    logarithm of the size, `kps` the landmarks' offsets, all in strides; the score is the
    geometric mean of `cls` and `obj`. Answers that are not finite are left out.
    """
    found = [NOTHING]
    for stride in _STRIDES:
        likely = outputs[f"cls_{stride}"][0, :, 0] * outputs[f"obj_{stride}"][0, :, 0]
        scores = np.sqrt(np.clip(likely, 0, 1))
        (chosen,) = np.nonzero(scores > score_threshold)
        columns = width // stride
        anchors = np.stack([chosen % columns, chosen // columns], axis=1).astype(np.float32)
        box = outputs[f"bbox_{stride}"][0, chosen]
        centres = (anchors + box[:, :2]) * stride
        halves = np.exp(np.minimum(box[:, 2:], 20.0)) * (stride / 2)
        points = outputs[f"kps_{stride}"][0, chosen].reshape(-1, 5, 2) + anchors[:, None]
        boxes = np.concatenate([centres - halves, centres + halves], axis=1)
        found.append(Detections(boxes, scores[chosen], points * np.float32(stride)))
    joined = join(found)
    return joined.only(_plausible(joined))


def _plausible(faces: Detections) -> NDArray[np.bool_]:
    figures = np.concatenate([faces.boxes, faces.landmarks.reshape(-1, 10)], axis=1)
    finite = np.isfinite(figures).all(axis=1, keepdims=True)
    boxes = np.where(finite, faces.boxes, 0)
    sides = boxes[:, 2:] - boxes[:, :2]
    shorter, longer = sides.min(axis=1, initial=np.inf), sides.max(axis=1, initial=0)
    return np.asarray((shorter > 0) & (longer <= _LONGEST_SIDE_RATIO * shorter), np.bool_)


def suppress(faces: Detections) -> Detections:
    """Keeps the most certain of the answers that overlap, most certain first."""
    order = np.argsort(-faces.scores, kind="stable")
    left, top, right, bottom = faces.boxes.T
    areas = (right - left) * (bottom - top)
    kept: list[int] = []
    while order.size:
        best, rest = order[0], order[1:]
        kept.append(int(best))
        across = np.minimum(right[best], right[rest]) - np.maximum(left[best], left[rest])
        down = np.minimum(bottom[best], bottom[rest]) - np.maximum(top[best], top[rest])
        shared = np.clip(across, 0, None) * np.clip(down, 0, None)
        order = rest[shared <= _MOST_OVERLAP * (areas[best] + areas[rest] - shared)]
    return faces.only(np.array(kept, np.intp))


def join(parts: list[Detections]) -> Detections:
    """Several lists of faces as one."""
    return Detections(
        np.concatenate([part.boxes for part in parts]),
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.landmarks for part in parts]),
    )


def _whole(
    faces: Detections, left: int, top: int, right: int, bottom: int, width: int, height: int
) -> Detections:
    """Faces of a tile at their place in the level, without those that an inner edge cuts.

    The neighbouring tile sees a small one whole, the next level a large one.
    """
    offset = np.array([left, top], np.float32)
    boxes = faces.boxes + np.tile(offset, 2)
    uncut = np.ones(len(faces), np.bool_)
    if left > 0:
        uncut &= boxes[:, 0] > left + _EDGE_PIXELS
    if top > 0:
        uncut &= boxes[:, 1] > top + _EDGE_PIXELS
    if right < width:
        uncut &= boxes[:, 2] < right - _EDGE_PIXELS
    if bottom < height:
        uncut &= boxes[:, 3] < bottom - _EDGE_PIXELS
    return Detections(boxes, faces.scores, faces.landmarks + offset).only(uncut)


def _scaled(faces: Detections, factors: Floats) -> Detections:
    return Detections(faces.boxes * np.tile(factors, 2), faces.scores, (faces.landmarks * factors))


def _round_up(pixels: int) -> int:
    return -(-pixels // _STRIDES[-1]) * _STRIDES[-1]
