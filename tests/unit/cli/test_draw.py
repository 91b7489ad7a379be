"""Pictures with boxes, landmarks and names drawn on them."""

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from bigbrother.client.results import Box
from bigbrother.entrypoints.cli.draw import (
    DrawingFailed,
    DrawingRefused,
    Lettering,
    Mark,
    Style,
    draw,
    require_drawable,
    write_drawing,
)

STYLE = Style(line=2, font=20)


def picture(width: int, height: int, mode: str = "RGB", kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, (width, height)).save(buffer, kind)
    return buffer.getvalue()


def mark(x: float, y: float, side: float, label: str = "Ana  0.71") -> Mark:
    box = Box(x=x, y=y, width=side, height=side)
    return Mark(box, label, landmarks=((x + side / 2, y + side / 2),))


@settings(deadline=None, max_examples=40)
@given(
    width=st.integers(1, 700),
    height=st.integers(1, 700),
    marks=st.lists(
        st.builds(
            mark,
            st.floats(-50, 700),
            st.floats(-50, 700),
            st.floats(0.1, 900),
            st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
        ),
        max_size=8,
    ),
)
def test_any_faces_of_any_picture_can_be_drawn(width: int, height: int, marks: list[Mark]) -> None:
    drawn = draw(picture(width, height), marks)
    assert drawn.width >= width
    assert drawn.height >= height
    assert max(drawn.size) >= 900, "labels stay legible on a small picture"


def test_a_large_picture_keeps_its_size_and_gets_larger_letters() -> None:
    assert draw(picture(2000, 1500), [mark(900, 600, 300)]).size == (2000, 1500)
    small = Style.of((1000, 750), [mark(1, 1, 100).box])
    large = Style.of((4000, 3000), [mark(1, 1, 400).box])
    assert large.font == pytest.approx(4 * small.font, rel=0.1)
    assert large.line > small.line


def test_the_face_itself_stays_as_it_was() -> None:
    face = mark(300, 300, 200)
    drawn = np.array(draw(picture(1000, 1000), [Mark(face.box, "Ana  0.71")]))
    assert not drawn[310:490, 310:490].any()
    assert drawn.any()


def test_the_label_of_a_face_that_fills_the_picture_goes_below_the_picture() -> None:
    drawn = draw(picture(1000, 1000), [mark(-10, -10, 1020, "Ana  0.71")])
    assert drawn.width == 1000
    assert 1020 < drawn.height < 1150


def test_an_upright_photo_is_drawn_on_and_its_place_and_name_are_left_behind(
    tmp_path: Path,
) -> None:
    photo = Image.new("RGB", (1200, 900))
    exif = photo.getexif()
    exif[0x0112] = 6
    exif[0x010E] = "the garden of Ana"
    buffer = io.BytesIO()
    photo.save(buffer, "JPEG", exif=exif)
    write_drawing(tmp_path / "out.jpg", buffer.getvalue(), [])
    drawn = Image.open(tmp_path / "out.jpg")
    assert drawn.size == (900, 1200)
    assert not dict(drawn.getexif())


def test_a_photo_keeps_its_colours(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    buffer = io.BytesIO()
    Image.new("RGB", (1000, 900)).save(buffer, "JPEG", icc_profile=profile)
    write_drawing(tmp_path / "out.png", buffer.getvalue(), [mark(1, 1, 50)])
    assert Image.open(tmp_path / "out.png").info["icc_profile"] == profile


@pytest.mark.parametrize("mode", ["RGBA", "LA", "L", "P", "1", "I;16"])
@pytest.mark.parametrize("name", ["out.jpg", "out.JPEG", "out.png", "out.webp"])
def test_every_kind_of_picture_becomes_every_kind_of_file(
    tmp_path: Path, mode: str, name: str
) -> None:
    write_drawing(tmp_path / name, picture(90, 60, mode), [mark(10, 10, 20)])
    assert Image.open(tmp_path / name).mode == "RGB"


@pytest.mark.parametrize("data", [b"", b"no picture", picture(300, 300)[:80]])
def test_a_picture_that_cannot_be_opened_is_refused(data: bytes) -> None:
    with pytest.raises(DrawingRefused, match="cannot be drawn on"):
        draw(data, [])


def test_names_keep_their_accents() -> None:
    lettering = Lettering(STYLE)
    for letter in "áàâãçéêíóôõúüñÁÀÂÃÇÉÊÍÓÔÕÚÜÑ–łŁőЖ":
        drawn, unknown = (np.zeros((60, 60, 3), np.uint8) for _ in range(2))
        drawn[:], unknown[:] = 255, 255
        lettering.write(drawn, letter, 10, 40)
        lettering.write(unknown, "?", 10, 40)
        assert (drawn != unknown).any(), f"{letter} has no glyph"


def test_a_name_in_two_pieces_is_drawn_as_one() -> None:
    assert Lettering(STYLE).fitted("Joa\u0303o", 400) == "João"


@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
@settings(deadline=None)
def test_a_long_name_is_cut_to_the_width_it_has(text: str) -> None:
    lettering = Lettering(STYLE)
    shown = lettering.fitted(text, 200)
    assert lettering.width(shown) <= 200
    assert not any(ord(c) < 32 for c in shown)


@pytest.mark.parametrize("name", ["out.gif", "out", "out.tiff", "missing/out.jpg", "folder.jpg"])
def test_a_drawing_that_could_not_be_written_is_refused_before_any_work(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "folder.jpg").mkdir()
    with pytest.raises(DrawingRefused):
        require_drawable(tmp_path / name)


def test_a_drawing_that_cannot_be_written_after_all_says_why(tmp_path: Path) -> None:
    (tmp_path / "out.jpg").mkdir()
    with pytest.raises(DrawingFailed, match="directory"):
        write_drawing(tmp_path / "out.jpg", picture(10, 10), [])
