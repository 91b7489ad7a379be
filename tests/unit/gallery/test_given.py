"""What the gallery takes from callers."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from bigbrother.face.gallery import given
from bigbrother.face.gallery.errors import InvalidMetadata, InvalidRetention
from tests.gallery_crowd import NOW

plain = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | plain,
    lambda inner: st.lists(inner) | st.dictionaries(plain, inner),
    max_leaves=20,
)


@for_all(st.dictionaries(plain, values))
def test_every_json_object_is_taken_as_it_is(metadata: dict[str, Any]) -> None:
    assert json.loads(given.metadata(metadata)) == metadata


def nested(depth: int) -> dict[str, Any]:
    inner: Any = 1
    for _ in range(depth):
        inner = [inner]
    return {"deep": inner}


@pytest.mark.parametrize(
    ("metadata", "named"),
    [
        ({"a": [1, {"b": float("nan")}]}, "metadata.a[1].b"),
        ({"a": float("-inf")}, "metadata.a"),
        ({"a": "x\x00"}, "metadata.a"),
        ({"x\x00": 1}, "a key of metadata"),
        ({"a": ["\ud800"]}, "metadata.a[0]"),
        ({"a": NOW}, "not JSON"),
        ({"a": 10**5000}, "not JSON"),
        (nested(100_000), "too deeply"),
    ],
    ids=["nan", "infinity", "nul", "nul-key", "surrogate", "datetime", "huge", "deep"],
)
def test_what_is_no_json_is_refused_and_named(metadata: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidMetadata) as refused:
        given.metadata(metadata)
    assert named in refused.value.detail
    assert refused.value.remedy


def test_a_retention_reaches_no_further_back_than_the_calendar() -> None:
    assert given.retention(timedelta(days=3650), NOW) == timedelta(days=3650)
    assert given.retention(None, NOW) is None
    with pytest.raises(InvalidRetention):
        given.retention(timedelta.max, NOW)
