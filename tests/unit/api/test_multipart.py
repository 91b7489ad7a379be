"""A form is the same however it is cut into chunks, and always bounded."""

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigbrother.face.api.errors import InvalidRequest, MalformedMultipart, TooManyImages
from bigbrother.face.api.multipart import Form, FormReader
from bigbrother.face.engine.errors import ImageTooLarge
from bigbrother.kernel.quantity import Quantity
from bigbrother.runbook.load import load_runbook

LIMITS = load_runbook().limits.model_copy(
    update={"image_size": Quantity(1000, "size", "1 kB"), "images_per_request": 3}
)
BOUNDARY = "frontier"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def body(*parts: tuple[str, bytes]) -> bytes:
    made = b""
    for name, content in parts:
        made += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
        made += content + b"\r\n"
    return made + f"--{BOUNDARY}--\r\n".encode()


def read(data: bytes, cuts: list[int] | None = None) -> Form:
    reader = FormReader(CONTENT_TYPE, frozenset({"image"}), frozenset({"size", "flag"}), LIMITS)
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts or [])})
    for start, end in pairwise(places):
        reader.write(data[start:end])
    return reader.finish()


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=3), st.lists(st.integers(0, 5000)))
def test_images_come_through_unchanged_however_they_are_cut(
    images: list[bytes], cuts: list[int]
) -> None:
    form = read(body(*(("image", image) for image in images), ("size", b"12")), cuts)
    assert form.images == {"image": images}
    assert form.fields == {"size": 12}


@given(st.binary(max_size=300), st.lists(st.integers(0, 500)))
def test_any_bytes_are_a_form_or_a_refusal(data: bytes, cuts: list[int]) -> None:
    for content in (data, body(("image", b"x"))[: len(data)] + data):
        with suppress(MalformedMultipart, InvalidRequest, TooManyImages):
            read(content, cuts)


def test_a_form_knows_switches_numbers_and_texts() -> None:
    cases = {b"true": True, b"false": False, b"-5": -5, b"2.5": 2.5, b"nan": "nan", b"1e5": "1e5"}
    for content, value in cases.items():
        assert read(body(("flag", content))).fields == {"flag": value}


def test_an_image_over_the_limit_leaves_its_refusal_in_its_place() -> None:
    form = read(body(("image", b"a" * 1001), ("image", b"b" * 1000)))
    large, fitting = form.images["image"]
    assert isinstance(large, ImageTooLarge)
    assert fitting == b"b" * 1000


def test_more_images_than_allowed_are_refused_while_they_arrive() -> None:
    with pytest.raises(TooManyImages):
        read(body(*[("image", b"x")] * 4))


@pytest.mark.parametrize(
    "parts", [[("other", b"1")], [("size", b"1"), ("size", b"2")], [("size", b"\xff")]]
)
def test_unknown_repeated_and_unreadable_fields_are_refused(
    parts: list[tuple[str, bytes]],
) -> None:
    with pytest.raises(InvalidRequest):
        read(body(*parts))


def test_a_form_must_end() -> None:
    whole = body(("image", b"x" * 50))
    for length in range(len(whole) - 4):
        with pytest.raises(MalformedMultipart):
            read(whole[:length])
