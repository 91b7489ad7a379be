"""Paths, bytes, arrays and Pillow images become the same picture."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from numpy.typing import NDArray
from PIL import Image

from bigbrother.client.errors import PictureUnreadable
from bigbrother.client.pictures import picture_bytes


def pixels(data: bytes) -> NDArray[Any]:
    return np.array(Image.open(io.BytesIO(data)))


def test_a_files_bytes_go_out_unchanged(tmp_path: Path) -> None:
    file = tmp_path / "ação.jpg"
    file.write_bytes(b"not even a picture: that is for the service to say")
    assert picture_bytes(file) == picture_bytes(str(file)) == file.read_bytes()
    assert picture_bytes(memoryview(b"ab")) == picture_bytes(bytearray(b"ab")) == b"ab"  # type: ignore[arg-type]


@given(
    st_numpy.arrays(
        np.uint8,
        st.tuples(st.integers(1, 9), st.integers(1, 9)).flatmap(
            lambda size: st.sampled_from([size, (*size, 3), (*size, 4)])
        ),
    )
)
def test_an_array_loses_nothing(array: NDArray[np.uint8]) -> None:
    assert np.array_equal(pixels(picture_bytes(array)), array)


def test_an_array_may_be_a_view_and_have_one_channel() -> None:
    array = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    assert np.array_equal(pixels(picture_bytes(array[::-1, :, ::-1])), array[::-1, :, ::-1])
    assert np.array_equal(pixels(picture_bytes(array[:, :, :1])), array[:, :, 0])


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 4, 3), np.float32),
        np.zeros((4, 4, 2), np.uint8),
        np.zeros((1, 4, 4, 3), np.uint8),
        np.zeros(4, np.uint8),
        np.zeros((0, 4, 3), np.uint8),
    ],
)
def test_an_array_that_is_no_picture_is_refused_with_its_shape(array: NDArray[Any]) -> None:
    with pytest.raises(PictureUnreadable):
        picture_bytes(array)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "F"])
def test_every_kind_of_pillow_image_can_be_sent(mode: str) -> None:
    sent = Image.open(io.BytesIO(picture_bytes(Image.new(mode, (3, 2)))))
    assert sent.size == (3, 2)


def test_the_orientation_of_a_photo_travels_along() -> None:
    photo = Image.new("RGB", (3, 2))
    photo.getexif()[0x0112] = 6
    assert Image.open(io.BytesIO(picture_bytes(photo))).getexif()[0x0112] == 6


@pytest.mark.parametrize("path", ["missing.jpg", ".", "a\0b"])
def test_a_file_that_cannot_be_read_is_named(path: str) -> None:
    with pytest.raises(PictureUnreadable) as raised:
        picture_bytes(path)
    assert raised.value.remedy


def test_anything_else_is_no_picture() -> None:
    with pytest.raises(PictureUnreadable, match="int"):
        picture_bytes(3)  # type: ignore[arg-type]
