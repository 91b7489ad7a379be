"""How large an index would be if it were built anew: pure estimates from its rows.

A figure of pages and tuples as PostgreSQL and pgvector lay them out on a 64-bit machine.
"""

import math
from dataclasses import dataclass

_PAGE_BYTES = 8192
_PAGE_HEAD_BYTES = 24
_LINE_BYTES = 4
_TUPLE_HEAD_BYTES = 8

_BTREE_SPECIAL_BYTES = 16
_BTREE_DOWNLINKS_SHARE = 1 / 100
"""Inner pages for each leaf page; short keys have fewer."""

_HNSW_SPECIAL_BYTES = 8
_HNSW_ELEMENT_BYTES = 72
_HNSW_NEIGHBOURS_BYTES = 4
_HNSW_POINTER_BYTES = 6
_VECTOR_HEAD_BYTES = 8


@dataclass(frozen=True, slots=True)
class Bloat:
    """What an index occupies, and what it would if it were built anew."""

    occupied_bytes: int
    anew_bytes: int

    @property
    def wasted_bytes(self) -> int:
        return max(0, self.occupied_bytes - self.anew_bytes)

    @property
    def ratio(self) -> float:
        """Share that would be gone."""
        return self.wasted_bytes / self.occupied_bytes if self.occupied_bytes else 0.0


def btree_bytes(rows: float, key_bytes: float, fill_ratio: float) -> int:
    """Of a B-tree over so many rows whose keys have so many bytes on average.

    One that holds equal keys once is smaller than this: then it is called less bloated than it is.
    """
    entry = _TUPLE_HEAD_BYTES + _aligned(key_bytes) + _LINE_BYTES
    room = (_PAGE_BYTES - _PAGE_HEAD_BYTES - _BTREE_SPECIAL_BYTES) * fill_ratio
    leaves = math.ceil(rows / max(1, int(room // entry)))
    pages = 1 + leaves + math.ceil(leaves * _BTREE_DOWNLINKS_SHARE)
    return pages * _PAGE_BYTES


def hnsw_bytes(rows: float, dimension: int, number_bytes: int, links: int) -> int:
    """Of pgvector's HNSW over so many vectors; `links` is its `m`."""
    vector = _VECTOR_HEAD_BYTES + dimension * number_bytes
    element = _aligned(_HNSW_ELEMENT_BYTES + vector) + _LINE_BYTES
    # Every element has 2 m neighbours on the lowest layer, and m on each above; one in m elements
    # is on the second, one in m² on the third.
    layers = 2 + 1 / (links - 1)
    neighbours = _aligned(_HNSW_NEIGHBOURS_BYTES + layers * links * _HNSW_POINTER_BYTES)
    room = _PAGE_BYTES - _PAGE_HEAD_BYTES - _HNSW_SPECIAL_BYTES
    each = element + neighbours + _LINE_BYTES
    pages = 1 + math.ceil(rows / max(1, int(room // each)))
    return pages * _PAGE_BYTES


def _aligned(number_bytes: float) -> int:
    return math.ceil(number_bytes / 8) * 8
