"""Labels lie inside the picture, beside every face and beside each other."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from bigbrother.entrypoints.cli.label_places import Rect, label_places

SIZES = st.tuples(st.integers(1, 3000), st.integers(1, 3000))


@st.composite
def rects(draw: st.DrawFn) -> Rect:
    left, top = draw(st.floats(-200, 3000)), draw(st.floats(-200, 3000))
    return Rect(left, top, left + draw(st.floats(1, 2500)), top + draw(st.floats(1, 2500)))


@st.composite
def crowds(draw: st.DrawFn) -> tuple[list[Rect], list[tuple[int, int]]]:
    faces = draw(st.lists(rects(), max_size=12))
    labels = [draw(st.tuples(st.integers(1, 900), st.integers(1, 120))) for _ in faces]
    return faces, labels


@given(size=SIZES, crowd=crowds(), unlabelled=st.lists(rects(), max_size=4))
def test_a_label_never_leaves_the_picture_nor_covers_a_face_or_a_label(
    size: tuple[int, int], crowd: tuple[list[Rect], list[tuple[int, int]]], unlabelled: list[Rect]
) -> None:
    faces, labels = crowd
    found = label_places(size, faces, labels, unlabelled)
    assert len(found) == len(faces)
    places = [place for place in found if place is not None]
    for place in places:
        assert place.within(*size)
        assert not any(place.overlaps(face) for face in (*faces, *unlabelled))
    assert not any(one.overlaps(other) for one, other in combinations(places, 2))


@given(
    left=st.floats(0, 900),
    top=st.floats(0, 900),
    side=st.floats(20, 100),
    width=st.integers(1, 300),
)
def test_a_lone_face_with_room_about_it_always_gets_its_label(
    left: float, top: float, side: float, width: int
) -> None:
    face = Rect(left, top, left + side, top + side)
    (place,) = label_places((1000, 1000), [face], [(width, 30)])
    assert place is not None
    assert place.bottom <= face.top or place.top >= face.bottom


def test_a_label_stands_above_its_face_where_it_can_and_below_at_the_top_edge() -> None:
    low, high = Rect(100, 100, 200, 200), Rect(400, 5, 500, 105)
    below, above = label_places((1000, 1000), [high, low], [(80, 30), (80, 30)])
    assert below == Rect(400, 105, 480, 135)
    assert above == Rect(100, 70, 180, 100)


def test_a_face_that_fills_the_picture_has_no_place_for_a_label() -> None:
    assert label_places((100, 100), [Rect(-5, -5, 105, 105)], [(40, 20)]) == (None,)
