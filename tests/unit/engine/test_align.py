"""The transform that brings landmarks to their places, and the cut that it makes."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigbrother.face.engine.align import align, similarity_transform, warp
from bigbrother.models.store import PackStore
from tests.fakes.packs import NOWHERE

TEMPLATE = np.array(PackStore(NOWHERE).manifest("sface").alignment.template)
ANGLES = st.floats(-math.pi, math.pi)
SCALES = st.floats(0.01, 100)
SHIFTS = st.floats(-5000, 5000)


def _similarity(angle: float, scale: float, x: float, y: float) -> np.ndarray:
    turn = scale * np.array(
        [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
    )
    return np.column_stack([turn, [x, y]])


@given(angle=ANGLES, scale=SCALES, x=SHIFTS, y=SHIFTS)
def test_any_rotation_scale_and_shift_is_recovered(
    angle: float, scale: float, x: float, y: float
) -> None:
    truth = _similarity(angle, scale, x, y)
    moved = TEMPLATE @ truth[:, :2].T + truth[:, 2]
    found = similarity_transform(TEMPLATE, moved)
    assert np.allclose(found, truth, rtol=1e-9, atol=1e-6 * scale + 1e-7)
    there_and_back = similarity_transform(moved, TEMPLATE)
    assert np.allclose(moved @ there_and_back[:, :2].T + there_and_back[:, 2], TEMPLATE, atol=1e-5)


@given(
    points=st.lists(st.tuples(st.floats(-100, 100), st.floats(-100, 100)), min_size=5, max_size=5)
)
def test_any_landmarks_give_a_finite_transform_that_never_mirrors(
    points: list[tuple[float, float]],
) -> None:
    found = similarity_transform(np.array(points), TEMPLATE)
    assert np.isfinite(found).all()
    assert np.linalg.det(found[:, :2]) >= 0


def test_the_fit_is_the_nearest_of_all_similarities() -> None:
    random = np.random.default_rng(1)
    source = TEMPLATE + random.normal(0, 5, TEMPLATE.shape)
    best = similarity_transform(source, TEMPLATE)

    def error(matrix: np.ndarray) -> float:
        return float(((source @ matrix[:, :2].T + matrix[:, 2] - TEMPLATE) ** 2).sum())

    for _ in range(200):
        change = _similarity(
            random.normal(0, 0.1), 1 + random.normal(0, 0.1), *random.normal(0, 2, 2)
        )
        other = change @ np.vstack([best, [0, 0, 1]])
        assert error(other) >= error(best)


def test_landmarks_that_coincide_give_a_crop_and_no_crash() -> None:
    crop = align(np.full((50, 50, 3), 200, np.uint8), np.full((5, 2), 20.0), TEMPLATE, 112)
    assert crop.shape == (112, 112, 3)
    assert not crop.any()


@given(
    landmarks=st.lists(
        st.tuples(st.floats(-1e5, 1e5), st.floats(-1e5, 1e5)), min_size=5, max_size=5
    )
)
def test_any_landmarks_give_a_crop_and_no_crash(landmarks: list[tuple[float, float]]) -> None:
    pixels = np.full((60, 40, 3), 128, np.uint8)
    crop = align(pixels, np.array(landmarks, np.float32), TEMPLATE, 112)
    assert crop.shape == (112, 112, 3)
    assert crop.dtype == np.uint8


@pytest.mark.parametrize("scale", [0.9, 0.5, 0.2, 0.05])
def test_shrinking_puts_points_where_the_transform_says(scale: float) -> None:
    """A smooth picture is sampled at known places; a wrong half pixel would show."""
    size = int(112 / scale) + 60
    rows, columns = np.mgrid[0:size, 0:size].astype(np.float64)
    pixels = np.stack([255 * columns / size, 255 * rows / size, np.zeros_like(rows)], axis=2)
    transform = _similarity(0.1, scale, 3.0, -2.0)
    warped = warp(pixels.round().astype(np.uint8), transform, 112)
    inverse = np.linalg.inv(np.vstack([transform, [0, 0, 1]]))
    for x, y in ((30, 40), (56, 56), (90, 70)):
        at = inverse @ [x, y, 1]
        expected = 255 * at[:2] / size
        step = 255 / size / scale
        assert np.allclose(warped[y, x, :2], expected, atol=0.35 * step + 1.0)


def test_shrinking_leaves_no_false_pattern() -> None:
    stripes = np.zeros((1200, 1200, 3), np.uint8)
    stripes[:, ::2] = 255
    crop = warp(stripes, _similarity(0, 112 / 1200, 0, 0), 112)
    assert np.abs(crop[8:-8, 8:-8].astype(int) - 127).max() <= 12
