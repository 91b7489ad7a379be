"""Draws what was found on a picture: boxes, landmarks, and labels beside the faces."""

import io
import math
import statistics
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from bigbrother.client.results import Box, Point
from bigbrother.entrypoints.cli.label_places import Rect, label_places
from bigbrother.entrypoints.cli.output import plain
from bigbrother.kernel.errors import BigBrotherError, InvalidInput

FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP"}
_KNOWN = (72, 222, 164)
_UNKNOWN = (255, 190, 60)
_INK = (12, 28, 24)
_SHADE = (16, 20, 24)
_LEAST_SIDE = 900
_SMALLEST_FONT = 14.0
_UNCROWDED_FACES = 6
_WEIGHT = 600
_ELLIPSIS = "…"
_SUBPIXEL_BITS = 4
_SUBPIXELS = 2**_SUBPIXEL_BITS

Canvas = NDArray[np.uint8]


class DrawingRefused(InvalidInput):
    """The drawing cannot be written as asked."""

    code = "drawing-refused"
    title = "The drawing cannot be written"


class DrawingFailed(BigBrotherError):
    """The drawing was made but could not be written."""

    code = "drawing-failed"
    title = "The drawing could not be written"


@dataclass(frozen=True, slots=True)
class Mark:
    """One face to draw, in pixels of the upright picture."""

    box: Box
    label: str = ""
    landmarks: tuple[Point, ...] = ()
    known: bool = True
    """Whether it was recognised, which its colour tells."""


def require_drawable(file: Path) -> None:
    """Raises DrawingRefused, before any work is done, for a file that could never be written."""
    if file.suffix.lower() not in FORMATS:
        raise DrawingRefused(
            f"A drawing cannot be written as '{file.name}'.",
            remedy=f"End its name with one of {', '.join(FORMATS)}.",
        )
    if file.is_dir() or not file.absolute().parent.is_dir():
        raise DrawingRefused(
            f"{file} is a folder." if file.is_dir() else f"There is no folder {file.parent}.",
            remedy="Give a file in a folder that exists.",
        )


def write_drawing(file: Path, data: bytes, marks: Sequence[Mark]) -> None:
    """Writes the picture with its marks; the format follows the file's name."""
    picture = draw(data, marks)
    buffer = io.BytesIO()
    kind = FORMATS[file.suffix.lower()]
    # Of the original's metadata only its colours travel on: a place or a name has no business here.
    profile = picture.info.get("icc_profile")
    more = {"subsampling": 0} if kind == "JPEG" else {}
    picture.save(buffer, kind, quality=92, icc_profile=profile, **more)
    try:
        file.write_bytes(buffer.getvalue())
    except OSError as error:
        raise DrawingFailed(
            f"{file} cannot be written: {error.strerror or error}.",
            remedy="Give a file where you may write and there is room.",
        ) from error


def draw(data: bytes, marks: Sequence[Mark]) -> Image.Image:
    """The upright picture with its marks; a small one is enlarged so that labels stay legible.

    Raises DrawingRefused for a picture that Pillow cannot open.
    """
    try:
        opened = Image.open(io.BytesIO(data))
        profile = opened.info.get("icc_profile") if opened.mode == "RGB" else None
        upright = _flat(ImageOps.exif_transpose(opened))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DrawingRefused(
            f"The picture cannot be drawn on: {error}.", remedy="Leave --draw out for it."
        ) from error
    scale = max(1, math.ceil(_LEAST_SIDE / max(upright.size)))
    if scale > 1:
        size = (upright.width * scale, upright.height * scale)
        upright = upright.resize(size, Image.Resampling.LANCZOS)
    canvas = np.array(upright)
    shown = [_scaled(mark, scale) for mark in marks]
    style = Style.of(upright.size, [mark.box for mark in shown])
    for mark in shown:
        _draw_box(canvas, mark, style)
        _draw_landmarks(canvas, mark, style)
    drawn = Image.fromarray(_draw_labels(canvas, shown, style))
    if profile:
        drawn.info["icc_profile"] = profile
    return drawn


@dataclass(frozen=True, slots=True)
class Style:
    """Sizes in pixels that suit one picture and the faces in it."""

    line: int
    font: int

    @classmethod
    def of(cls, size: tuple[int, int], boxes: Sequence[Box]) -> "Style":
        """Lines and letters by the picture's size, finer where its faces are small and many."""
        side = math.sqrt(size[0] * size[1])
        face = statistics.median(box.height for box in boxes) if boxes else side
        crowding = min(1.0, math.sqrt(_UNCROWDED_FACES / max(1, len(boxes))))
        smallest = max(_SMALLEST_FONT, side * 0.018 * crowding)
        largest = max(_SMALLEST_FONT, side * 0.034)
        font = min(max(face * 0.2, smallest), largest)
        line = min(side * 0.003, face * 0.05)
        return cls(line=max(2, round(line)), font=round(font))

    @property
    def padding(self) -> int:
        """Space between a label's text and its edge."""
        return max(3, round(self.font * 0.35))

    @property
    def label_height(self) -> int:
        """Height of a label; the same whatever letters it has."""
        return round(self.font * 1.25) + self.padding


class Lettering:
    """Text in OpenCV's built-in font, which has the accents that Pillow's lacks."""

    def __init__(self, style: Style) -> None:
        self._face = cv2.FontFace("sans")
        self._style = style

    def fitted(self, text: str, width: int) -> str:
        """The text, shortened with an ellipsis where it is wider than that many pixels."""
        shown = plain(unicodedata.normalize("NFC", text))
        if self.width(shown) <= width:
            return shown
        low, high = 0, len(shown)
        while low < high:
            middle = (low + high + 1) // 2
            if self.width(shown[:middle].rstrip() + _ELLIPSIS) <= width:
                low = middle
            else:
                high = middle - 1
        return shown[:low].rstrip() + _ELLIPSIS

    def width(self, text: str) -> int:
        """Width of the text in pixels."""
        box = cv2.getTextSize((0, 0), text, (0, 0), self._face, self._style.font, _WEIGHT)
        return math.ceil(box[0] + box[2])

    def write(self, canvas: Canvas, text: str, left: int, baseline: int) -> None:
        """Writes the text into the canvas."""
        cv2.putText(canvas, text, (left, baseline), _INK, self._face, self._style.font, _WEIGHT)


def _draw_labels(canvas: Canvas, marks: Sequence[Mark], style: Style) -> Canvas:
    height, width = canvas.shape[:2]
    lettering = Lettering(style)
    named = [mark for mark in marks if mark.label]
    widest = max(style.font * 6, round(width * 0.5))
    texts = [lettering.fitted(mark.label, widest) for mark in named]
    sizes = [(lettering.width(text) + 2 * style.padding, style.label_height) for text in texts]
    edge = style.line  # a label touches the line around a face, and never what is inside
    faces = [_rect(mark.box, edge) for mark in named]
    crowd = [_rect(mark.box, edge) for mark in marks if not mark.label]
    places = label_places((width, height), faces, sizes, crowd)
    homeless = []
    for mark, text, place, size in zip(named, texts, places, sizes, strict=True):
        if place is None:
            homeless.append((mark, text, size))
        else:
            _draw_label(canvas, mark, text, place, style, lettering)
    if not homeless:
        return canvas
    return _with_caption(canvas, homeless, style, lettering)


def _with_caption(
    canvas: Canvas,
    labels: Sequence[tuple[Mark, str, tuple[int, int]]],
    style: Style,
    lettering: Lettering,
) -> Canvas:
    """The picture with a strip below it for the labels that found no place in it."""
    gap = style.padding
    width = max(canvas.shape[1], max(size[0] for _, _, size in labels) + 2 * gap)
    places: list[Rect] = []
    left, top = gap, canvas.shape[0] + gap
    for _, _, size in labels:
        if left + size[0] + gap > width:
            left, top = gap, top + size[1] + gap
        places.append(Rect(left, top, left + size[0], top + size[1]))
        left += size[0] + gap
    taller = np.full((round(places[-1].bottom) + gap, width, 3), _SHADE, np.uint8)
    taller[: canvas.shape[0], : canvas.shape[1]] = canvas
    for (mark, text, _), place in zip(labels, places, strict=True):
        _draw_label(taller, mark, text, place, style, lettering)
    return taller


def _draw_label(
    canvas: Canvas, mark: Mark, text: str, place: Rect, style: Style, lettering: Lettering
) -> None:
    left, top = int(place.left), int(place.top)
    right, bottom = int(place.right) - 1, int(place.bottom) - 1
    radius = style.padding
    colour = _colour(mark)
    cv2.rectangle(canvas, (left + radius, top), (right - radius, bottom), colour, cv2.FILLED)
    cv2.rectangle(canvas, (left, top + radius), (right, bottom - radius), colour, cv2.FILLED)
    for x in (left + radius, right - radius):
        for y in (top + radius, bottom - radius):
            cv2.circle(canvas, (x, y), radius, colour, cv2.FILLED, cv2.LINE_AA)
    baseline = top + round((style.label_height + style.font * 0.72) / 2)
    lettering.write(canvas, text, left + style.padding, baseline)


def _draw_box(canvas: Canvas, mark: Mark, style: Style) -> None:
    box = mark.box
    corners = (
        (round(box.x), round(box.y)),
        (round(box.x + box.width), round(box.y + box.height)),
    )
    # A dark rim keeps the line visible on a background of its own colour.
    cv2.rectangle(canvas, *corners, _SHADE, style.line + 2, cv2.LINE_AA)
    cv2.rectangle(canvas, *corners, _colour(mark), style.line, cv2.LINE_AA)


def _draw_landmarks(canvas: Canvas, mark: Mark, style: Style) -> None:
    # Points that grow with the face, and never so large that they hide it.
    radius = min(max(1.5, mark.box.width * 0.025), style.line * 2.0)
    for x, y in mark.landmarks:
        _draw_point(canvas, x, y, radius + 1, _SHADE)
        _draw_point(canvas, x, y, radius, _colour(mark))


def _draw_point(
    canvas: Canvas, x: float, y: float, radius: float, colour: tuple[int, int, int]
) -> None:
    centre = (round(x * _SUBPIXELS), round(y * _SUBPIXELS))
    cv2.circle(
        canvas,
        centre,
        round(radius * _SUBPIXELS),
        colour,
        cv2.FILLED,
        cv2.LINE_AA,
        shift=_SUBPIXEL_BITS,
    )


def _colour(mark: Mark) -> tuple[int, int, int]:
    return _KNOWN if mark.known else _UNKNOWN


def _rect(box: Box, edge: float) -> Rect:
    return Rect(box.x - edge, box.y - edge, box.x + box.width + edge, box.y + box.height + edge)


def _scaled(mark: Mark, scale: int) -> Mark:
    box = mark.box
    larger = Box(
        x=box.x * scale, y=box.y * scale, width=box.width * scale, height=box.height * scale
    )
    points = tuple((x * scale, y * scale) for x, y in mark.landmarks)
    return replace(mark, box=larger, landmarks=points)


def _flat(image: Image.Image) -> Image.Image:
    """RGB without transparency, which would leave the drawing's ground undefined."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        coloured = image.convert("RGBA")
        white = Image.new("RGBA", coloured.size, "white")
        return Image.alpha_composite(white, coloured).convert("RGB")
    return image.convert("RGB")
