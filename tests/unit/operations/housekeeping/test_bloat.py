"""Estimates of an index built anew."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigbrother.operations.housekeeping.bloat import Bloat, btree_bytes, hnsw_bytes


@given(st.floats(0, 1e8), st.floats(0, 1e7), st.floats(1, 2000))
def test_more_rows_never_make_an_index_smaller(rows: float, more: float, key: float) -> None:
    assert btree_bytes(rows + more, key, 0.9) >= btree_bytes(rows, key, 0.9)
    assert hnsw_bytes(rows + more, 128, 4, 16) >= hnsw_bytes(rows, 128, 4, 16)


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_waste_is_a_share_of_what_is_occupied(occupied: int, anew: int) -> None:
    bloat = Bloat(occupied, anew)
    assert 0 <= bloat.ratio <= 1
    assert bloat.wasted_bytes == max(0, occupied - anew)


@pytest.mark.parametrize(
    ("rows", "key", "measured"),
    # As PostgreSQL 18 built them over keys that differ: bigint, uuid, text of 50 characters.
    [(100_000, 8, 2_260_992), (100_000, 16, 3_178_496), (100_000, 51, 7_774_208)],
)
def test_a_btree_is_estimated_closely(rows: int, key: int, measured: int) -> None:
    assert btree_bytes(rows, key, 0.9) == pytest.approx(measured, rel=0.02)


@pytest.mark.parametrize(("dimension", "measured"), [(128, 1_671_168), (256, 2_744_320)])
def test_an_index_of_embeddings_is_estimated_closely(dimension: int, measured: int) -> None:
    """As pgvector 0.8.5 built it over 2,000 vectors."""
    assert hnsw_bytes(2000, dimension, 4, 16) == pytest.approx(measured, rel=0.02)
