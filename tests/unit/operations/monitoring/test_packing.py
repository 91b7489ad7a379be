"""Points survive packing as they are, and become few bytes."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigbrother.operations.monitoring.readings.packing import Columns, pack, unpack

FIGURES = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**6), 10**6).map(
    lambda number: number / 1000
)


@st.composite
def columns(draw: st.DrawFn) -> Columns:
    times = sorted(draw(st.sets(st.integers(0, 2**53), max_size=30)))
    width = draw(st.integers(1, 4))
    values = tuple(
        tuple(draw(st.lists(FIGURES, min_size=len(times), max_size=len(times))))
        for _ in range(width)
    )
    return Columns(tuple(times), values)


@given(columns())
def test_what_is_unpacked_is_what_was_packed(points: Columns) -> None:
    back = unpack(pack(points))
    assert back == points
    signs = [[math.copysign(1, value) for value in column] for column in points.values]
    assert [[math.copysign(1, value) for value in column] for column in back.values] == signs


@given(st.binary(max_size=60))
def test_damaged_points_are_refused(noise: bytes) -> None:
    for packed in (noise, b"\x01" + noise, pack(Columns((1, 2), ((1.0, 2.0),)))[:-4]):
        with pytest.raises(ValueError, match=r"points"):
            unpack(packed)


def test_an_hour_of_a_noisy_figure_takes_about_three_bytes_a_point() -> None:
    dice = random.Random(4)  # noqa: S311
    times = tuple(1_790_000_000_000 + 15_000 * number + dice.randrange(8) for number in range(240))
    noisy = tuple(float(f"{0.35 + dice.gauss(0, 0.05):.5g}") for _ in times)
    still = (3.0,) * len(times)
    assert len(pack(Columns(times, (noisy,)))) < 4 * len(times)
    assert len(pack(Columns(times, (still,)))) < 1.2 * len(times)
