"""Images stand upright whatever way the camera was held."""

import struct
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PillowImage
from PIL import ImageOps

from bigbrother.face.engine.decode import decode
from bigbrother.face.engine.orientation import exif_orientation, swaps_sides, upright
from bigbrother.face.engine.types import EngineLimits

LIMITS = EngineLimits(max_image_bytes=10**7, max_image_pixels=10**7, max_faces=10)
ORIENTATIONS = range(1, 9)
INVERSES = {6: 8, 8: 6}


@given(
    orientation=st.sampled_from(ORIENTATIONS),
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    seed=st.integers(0, 2**32 - 1),
)
def test_turning_there_and_back_gives_the_same_image(
    orientation: int, height: int, width: int, seed: int
) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    turned = upright(pixels, orientation)
    assert turned.shape[:2] == ((width, height) if swaps_sides(orientation) else (height, width))
    back = upright(turned, INVERSES.get(orientation, orientation))
    assert np.array_equal(back, pixels)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP"])
def test_each_orientation_is_applied_as_other_software_does(
    orientation: int, file_format: str
) -> None:
    ramp = np.zeros((48, 80, 3), np.uint8)
    ramp[:, :, 0] = np.linspace(0, 255, 80)
    ramp[:, :, 1] = np.linspace(0, 255, 48)[:, None]
    stored = PillowImage.fromarray(ramp)
    exif = PillowImage.Exif()
    exif[0x0112] = orientation
    file = BytesIO()
    stored.save(file, file_format, exif=exif, quality=95)
    with PillowImage.open(BytesIO(file.getvalue())) as opened:
        expected = np.asarray(ImageOps.exif_transpose(opened).convert("RGB"), np.int16)
    decoded = decode(file.getvalue(), LIMITS)
    assert (decoded.height, decoded.width) == expected.shape[:2] == decoded.pixels.shape[:2]
    assert np.abs(decoded.pixels - expected).max() <= 6


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_the_tag_is_found_in_both_byte_orders(order: str, orientation: int) -> None:
    assert exif_orientation(b"Exif\0\0" + _block(order, 3, 1, orientation)) == orientation
    assert exif_orientation(_block(order, 3, 1, orientation)) == orientation


@pytest.mark.parametrize(("kind", "count", "value"), [(3, 1, 0), (3, 1, 9), (4, 1, 6), (3, 2, 6)])
def test_an_orientation_that_is_none_leaves_the_image_as_it_is(
    kind: int, count: int, value: int
) -> None:
    assert exif_orientation(_block("<", kind, count, value)) == 1


@given(
    noise=st.binary(max_size=80),
    start=st.sampled_from([b"", b"Exif\0\0", b"II*\0", b"MM\0*", b"II*\0\x08\0\0\0"]),
)
def test_any_block_states_an_orientation(noise: bytes, start: bytes) -> None:
    assert exif_orientation(start + noise) in ORIENTATIONS


def test_broken_exif_does_not_cost_the_photo() -> None:
    photo = PillowImage.new("RGB", (30, 20))
    file = BytesIO()
    photo.save(file, "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff" + b"\xff" * 40)
    assert decode(file.getvalue(), LIMITS).pixels.shape == (20, 30, 3)


def _block(order: str, kind: int, count: int, value: int) -> bytes:
    """An EXIF block with a camera's name and then the orientation."""
    start = {"<": b"II*\0", ">": b"MM\0*"}[order]
    name = struct.pack(order + "HHI4s", 0x010F, 2, 4, b"Cam\0")
    turn = struct.pack(order + "HHIHH", 0x0112, kind, count, value, 0)
    return start + struct.pack(order + "IH", 8, 2) + name + turn + struct.pack(order + "I", 0)
