"""Every image file becomes upright RGB pixels or a refusal with a reason; nothing else."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as PillowImage

from bigbrother.face.engine.decode import MOST_WORKING_PIXELS, decode, decoded_bytes
from bigbrother.face.engine.errors import (
    ImageAnimated,
    ImageDamaged,
    ImageEmpty,
    ImageFormatUnsupported,
    ImageTooLarge,
    ImageTooManyPixels,
)
from bigbrother.face.engine.types import EngineLimits
from bigbrother.kernel.errors import InvalidInput
from bigbrother.models.samples import sample_photo
from bigbrother.runbook.load import load_runbook

LIMITS = EngineLimits(max_image_bytes=20_000_000, max_image_pixels=64_000_000, max_faces=10)
TIGHT = EngineLimits(max_image_bytes=5_000, max_image_pixels=1_000, max_faces=10)
FORMATS = ("JPEG", "PNG", "WEBP", "BMP")
KINDS = [
    *(("JPEG", mode) for mode in ("RGB", "L", "1", "CMYK")),
    *(("PNG", mode) for mode in ("RGB", "L", "1", "RGBA", "LA", "P")),
    *(("WEBP", mode) for mode in ("RGB", "L", "RGBA")),
    *(("BMP", mode) for mode in ("RGB", "L", "1", "P")),
]
LOSSLESS: dict[str, dict[str, Any]] = {"WEBP": {"lossless": True, "exact": True}}
FAST: dict[str, dict[str, Any]] = {"WEBP": {"method": 0}, "PNG": {"compress_level": 1}}
SHADES = np.linspace(0, 255, 64, dtype=np.uint8)[None, :].repeat(48, axis=0)


OUTCOMES = {
    "read",
    "image-empty",
    "image-format-unsupported",
    "image-too-large",
    "image-too-many-pixels",
    "image-damaged",
    "image-animated",
}


def outcome(read: Callable[[bytes, EngineLimits], object], data: bytes) -> str:
    """`read`, or the code of the refusal; any other exception is an error."""
    try:
        read(data, LIMITS)
    except InvalidInput as refusal:
        return refusal.code
    return "read"


def saved(image: PillowImage.Image, file_format: str, **options: Any) -> bytes:  # noqa: ANN401
    file = BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def picture(mode: str = "RGB") -> PillowImage.Image:
    return PillowImage.fromarray(SHADES).convert("RGB").convert(mode)


def png_header(width: int, height: int) -> bytes:
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = b"IDAT" + zlib.compress(b"\0" * 100)
    chunks = [
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
        for chunk in (body, pixels, b"IEND")
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def webp_canvas(width: int, height: int) -> bytes:
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    chunk = b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + canvas
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk


def jpeg_header(width: int, height: int) -> bytes:
    """A real JPEG whose frame header claims another size."""
    data = bytearray(saved(picture(), "JPEG"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def bmp_header(width: int, height: int) -> bytes:
    data = bytearray(saved(picture(), "BMP"))
    data[18:26] = struct.pack("<ii", width, height)
    return bytes(data)


@pytest.mark.parametrize(("file_format", "mode"), KINDS)
def test_every_kind_of_pixel_becomes_rgb(file_format: str, mode: str) -> None:
    image = picture(mode)
    decoded = decode(saved(image, file_format, **LOSSLESS.get(file_format, {})), LIMITS)
    assert (decoded.width, decoded.height) == (64, 48)
    assert decoded.pixels.dtype == np.uint8
    expected = np.asarray(image.convert("RGB"), int)
    assert np.abs(decoded.pixels - expected).mean() <= (4 if file_format == "JPEG" else 0)


def test_sixteen_bits_keep_the_upper_eight() -> None:
    deep = PillowImage.fromarray(SHADES.astype(np.uint16) * 257)
    pixels = decode(saved(deep, "PNG"), LIMITS).pixels
    assert np.array_equal(pixels, SHADES[:, :, None].repeat(3, axis=2))


@pytest.mark.parametrize("file_format", ["PNG", "WEBP"])
def test_transparent_places_become_white(file_format: str) -> None:
    pixels = np.zeros((20, 30, 4), np.uint8)
    pixels[:, 10:20, 3] = 128
    pixels[:, 20:, 3] = 255
    data = saved(PillowImage.fromarray(pixels), file_format, lossless=True)
    row = decode(data, LIMITS).pixels[5, [2, 15, 25], 0]
    assert np.abs(row.astype(int) - [255, 127, 0]).max() <= 2


def test_a_transparent_palette_entry_becomes_white() -> None:
    image = PillowImage.new("P", (8, 8), 1)
    image.putpalette([0, 0, 0, 0, 0, 0, 10, 20, 30])
    image.putpixel((0, 0), 2)
    pixels = decode(saved(image, "PNG", transparency=1), LIMITS).pixels
    assert pixels[4, 4].tolist() == [255, 255, 255]
    assert pixels[0, 0].tolist() == [10, 20, 30]


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
def test_a_huge_image_is_held_smaller_and_knows_its_size(file_format: str) -> None:
    image = picture().resize((5401, 3001))
    data = saved(image, file_format, **FAST.get(file_format, {}))
    decoded = decode(data, LIMITS)
    assert (decoded.width, decoded.height) == (5401, 3001)
    height, width = decoded.pixels.shape[:2]
    assert width * height <= MOST_WORKING_PIXELS
    assert decoded.scale == pytest.approx((2, 2), rel=1e-3)
    small = np.asarray(image.resize((width, height)), int)
    assert np.abs(decoded.pixels.astype(int) - small).mean() < 2


def test_a_long_thin_image_is_decoded_whole() -> None:
    image = picture().resize((60_000, 3))
    decoded = decode(saved(image, "PNG"), LIMITS)
    assert decoded.pixels.shape == (3, 60_000, 3)
    assert np.array_equal(decoded.pixels, np.asarray(image))


def test_no_bytes_are_refused() -> None:
    with pytest.raises(ImageEmpty):
        decode(b"", LIMITS)


@pytest.mark.parametrize(
    "data",
    [
        b"hello",
        b"\0" * 100,
        b"GIF89a" + b"\0" * 50,
        b"%PDF-1.7",
        b"II*\0" + b"\0" * 50,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"RIFF\0\0\0\0WAVE",
        b"\0\0\0\x18ftypheic",
    ],
)
def test_other_formats_are_refused(data: bytes) -> None:
    with pytest.raises(ImageFormatUnsupported):
        decode(data, LIMITS)


def test_a_file_with_too_many_bytes_is_refused() -> None:
    with pytest.raises(ImageTooLarge, match="5000 are allowed"):
        decode(b"\xff\xd8\xff" + b"\0" * 5_000, TIGHT)


@pytest.mark.parametrize("file_format", FORMATS)
def test_an_image_with_too_many_pixels_is_refused(file_format: str) -> None:
    data = saved(PillowImage.new("RGB", (33, 31)), file_format)
    with pytest.raises(ImageTooManyPixels, match="33 x 31"):
        decode(data, TIGHT)
    assert decode(saved(PillowImage.new("RGB", (25, 40)), file_format), TIGHT).width == 25


@pytest.mark.parametrize(
    "data",
    [
        png_header(2**31 - 1, 2**31 - 1),
        png_header(100_000, 100_000),
        webp_canvas(2**24, 2**24),
        jpeg_header(65_500, 65_500),
        bmp_header(2**31 - 1, 2**31 - 1),
        bmp_header(100_000, -100_000),
    ],
)
def test_a_small_file_that_claims_a_huge_image_is_refused_at_once(data: bytes) -> None:
    for read in (decode, decoded_bytes):
        with pytest.raises(ImageTooManyPixels):
            read(data, LIMITS)


@pytest.mark.parametrize(
    "data",
    [png_header(0, 10), png_header(3, 2**31 - 1)[:20], jpeg_header(0, 0), bmp_header(0, 0)],
)
def test_an_impossible_size_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        decode(data, LIMITS)


@pytest.mark.parametrize("file_format", ["PNG", "WEBP"])
def test_an_animation_is_refused(file_format: str) -> None:
    frames = [PillowImage.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    data = saved(frames[0], file_format, save_all=True, append_images=frames[1:])
    for read in (decode, decoded_bytes):
        with pytest.raises(ImageAnimated):
            read(data, LIMITS)


def test_a_jpeg_with_further_pictures_is_its_first_one() -> None:
    second = PillowImage.new("RGB", (10, 10))
    data = saved(picture(), "MPO", save_all=True, append_images=[second])
    assert decode(data, LIMITS).width == 64


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_image_is_refused(file_format: str, share: float) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8)
    data = saved(PillowImage.fromarray(noise), file_format)
    with pytest.raises(ImageDamaged) as refusal:
        decode(data[: int(len(data) * share)], LIMITS)
    assert refusal.value.remedy


@given(
    data=st.binary(max_size=600),
    start=st.sampled_from(
        [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x90\0\0\0WEBPVP8 ", b"BM"]
    ),
)
def test_any_bytes_are_an_image_or_a_refusal(data: bytes, start: bytes) -> None:
    for read in (decode, decoded_bytes):
        assert outcome(read, start + data) in OUTCOMES


@settings(max_examples=300)
@given(
    file_format=st.sampled_from(FORMATS),
    mode=st.sampled_from(["RGB", "L", "RGBA", "P"]),
    changes=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=12),
    near_start=st.booleans(),
)
def test_an_altered_image_is_an_image_or_a_refusal(
    file_format: str, mode: str, changes: list[tuple[float, int]], *, near_start: bool
) -> None:
    exif = PillowImage.Exif()
    exif[0x0112] = 6
    image = picture("RGB" if mode in ("RGBA", "P") and file_format in ("JPEG", "BMP") else mode)
    data = bytearray(saved(image, file_format, exif=exif))
    reach = min(len(data), 120) if near_start else len(data)
    for place, value in changes:
        data[int(place * reach)] = value
    for read in (decode, decoded_bytes):
        assert outcome(read, bytes(data)) in OUTCOMES


@pytest.mark.parametrize("size", [(640, 480), (5000, 3500)])
@pytest.mark.parametrize(
    ("file_format", "mode"),
    [("JPEG", "RGB"), ("JPEG", "CMYK"), ("PNG", "RGBA"), ("WEBP", "RGB"), ("BMP", "RGB")],
)
@pytest.mark.parametrize("progressive", [False, True])
def test_the_announced_memory_covers_what_is_held_and_stays_within_the_documents_bound(
    file_format: str, mode: str, size: tuple[int, int], *, progressive: bool
) -> None:
    options = {**FAST.get(file_format, {}), "progressive": progressive}
    data = saved(picture().resize(size).convert(mode), file_format, **options)
    limits = EngineLimits(10**9, 64_000_000, 10)
    bound = load_runbook().limits.model_copy(update={"image_pixels": size[0] * size[1]})
    held = decode(data, limits).pixels.nbytes
    assert held < decoded_bytes(data, limits) <= bound.decoding_bytes


def test_the_sample_photo_is_decoded() -> None:
    decoded = decode(sample_photo(), LIMITS)
    assert decoded.pixels.shape == (512, 512, 3)
    assert decoded.scale == (1, 1)
