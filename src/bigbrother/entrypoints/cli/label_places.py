"""Where the labels of a picture's faces go: inside the picture, beside the faces. Pure geometry."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle in pixels; right and bottom lie just outside."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: "Rect") -> bool:
        """Whether the two share any area."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def within(self, width: float, height: float) -> bool:
        """Whether it lies wholly in a picture of that size."""
        return self.left >= 0 and self.top >= 0 and self.right <= width and self.bottom <= height


def label_places(
    size: tuple[int, int],
    faces: Sequence[Rect],
    labels: Sequence[tuple[int, int]],
    unlabelled: Sequence[Rect] = (),
) -> tuple[Rect | None, ...]:
    """A place for each face's label, given the labels' widths and heights in pixels.

    No place leaves the picture or covers another label or any face, an unlabelled one included.
    None: there is no such place near the face.
    """
    taken = [*faces, *unlabelled]
    places: list[Rect | None] = []
    for face, (width, height) in zip(faces, labels, strict=True):
        place = next(
            (
                candidate
                for candidate in _candidates(face, size, width, height)
                if candidate.within(*size) and not any(candidate.overlaps(t) for t in taken)
            ),
            None,
        )
        places.append(place)
        if place is not None:
            taken.append(place)
    return tuple(places)


def _candidates(face: Rect, size: tuple[int, int], width: int, height: int) -> Iterator[Rect]:
    """Places near a face, the most natural first: above it, below it, at its sides."""
    middle = (face.left + face.right - width) / 2
    columns = [
        min(max(0.0, column), max(0.0, size[0] - width))
        for column in (face.left, middle, face.right - width)
    ]
    rows = [face.top - height, face.bottom]
    # One label's height further away still reads as belonging to the face.
    for row in (*rows, rows[0] - height, rows[1] + height):
        for column in columns:
            yield _rect(column, row, width, height)
    for column in (face.right, face.left - width):
        for row in (face.top, (face.top + face.bottom - height) / 2, face.bottom - height):
            yield _rect(column, min(max(0.0, row), max(0.0, size[1] - height)), width, height)


def _rect(left: float, top: float, width: float, height: float) -> Rect:
    return Rect(left, top, left + width, top + height)
