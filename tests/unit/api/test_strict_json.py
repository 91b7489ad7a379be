"""JSON is taken as RFC 8259 has it, or refused; never a fault."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigbrother.face.api.errors import MalformedJson
from bigbrother.face.api.strict_json import parse_json
from bigbrother.face.gallery.errors import InvalidText
from bigbrother.runbook.load import load_runbook

LIMITS = load_runbook().limits

text = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_whatever_is_json_comes_through_unchanged(value: object) -> None:
    assert parse_json(json.dumps(value).encode(), LIMITS) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_a_value_or_a_refusal(data: bytes) -> None:
    with suppress(MalformedJson, InvalidText):
        parse_json(data, LIMITS)


@pytest.mark.parametrize("body", ["NaN", "[Infinity]", "-Infinity", "1e999", '{"a":1,"a":2}'])
def test_what_python_takes_and_json_does_not_is_refused(body: str) -> None:
    with pytest.raises(MalformedJson):
        parse_json(body.encode(), LIMITS)


@pytest.mark.parametrize("body", ['"\\u0000"', '{"\\ud800": 1}', '["\\udc00\\ud800"]'])
def test_texts_that_cannot_be_stored_are_refused(body: str) -> None:
    with pytest.raises(InvalidText):
        parse_json(body.encode(), LIMITS)


def test_depth_and_number_of_values_are_bounded() -> None:
    deepest = LIMITS.json_depth
    parse_json(b"[" * deepest + b"]" * deepest, LIMITS)
    for depth in (deepest + 2, LIMITS.json_elements - 1):
        with pytest.raises(MalformedJson):
            parse_json(b"[" * depth + b"]" * depth, LIMITS)
    with pytest.raises(MalformedJson):
        parse_json(b"[" + b"0," * LIMITS.json_elements + b"0]", LIMITS)
