"""A chunk's images are read in portions that memory holds, whatever their sizes."""

from hypothesis import given
from hypothesis import strategies as st

from bigbrother.face.batch.chunks import Item, portions

SIZES = st.lists(st.integers(min_value=1, max_value=1000), max_size=60)


@given(SIZES, st.integers(min_value=1, max_value=20), st.integers(min_value=1, max_value=3000))
def test_every_item_is_in_one_portion_and_none_is_too_large(
    sizes: list[int], most_items: int, most_bytes: int
) -> None:
    items = [Item(number, b"", size) for number, size in enumerate(sizes, start=1)]
    found = list(portions(items, most_items=most_items, most_bytes=most_bytes))
    assert [item for portion in found for item in portion] == items
    for portion in found:
        assert 1 <= len(portion) <= most_items
        assert len(portion) == 1 or sum(item.image_bytes for item in portion) <= most_bytes
