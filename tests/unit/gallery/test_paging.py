"""Cursors."""

import contextlib
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigbrother.face.gallery import paging
from bigbrother.face.gallery.errors import InvalidCursor
from bigbrother.face.gallery.records import Collection
from tests.gallery_crowd import NOW


def collection(identifier: uuid.UUID) -> Collection:
    return Collection(identifier, "c", "", keep_crops=False, retention=None, created_at=NOW)


@given(st.lists(st.uuids(), min_size=2, max_size=2))
def test_a_cursor_leads_back_to_where_its_page_ended(identifiers: list[uuid.UUID]) -> None:
    page = paging.page([collection(one) for one in identifiers], 1)
    assert page.next_cursor is not None
    assert paging.after(page.next_cursor) == identifiers[0]


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_any_other_text_is_refused_as_a_cursor(text: str) -> None:
    with pytest.raises(InvalidCursor):
        paging.after(f"{text}!")
    with contextlib.suppress(InvalidCursor):
        assert len(paging.after(text).bytes) == 16


def test_the_last_page_has_no_cursor() -> None:
    assert paging.page([collection(uuid.uuid4())], 1).next_cursor is None


@pytest.mark.parametrize("text", ["", "A" * 21, "A" * 21 + "B", "A" * 23, "A" * 22 + "=="])
def test_a_cursor_has_one_spelling(text: str) -> None:
    with pytest.raises(InvalidCursor):
        paging.after(text)
