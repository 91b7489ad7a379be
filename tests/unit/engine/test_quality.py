"""Quality scores lie in [0, 1] and move the right way."""

import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigbrother.face.engine.quality import (
    LOW,
    assess,
    brightness_score,
    pose_score,
    sharpness_score,
    size_score,
)
from bigbrother.models.store import PackStore
from tests.fakes.packs import NOWHERE

TEMPLATE = np.array(PackStore(NOWHERE).manifest("sface").alignment.template)
# Right-handed, in units of half the eye distance; the nose stands out from the plane of the face.
HEAD = np.array(
    [[-1.0, -1.0, 0.0], [1.0, -1.0, 0.0], [0.0, 0.1, 0.9], [-0.8, 1.0, 0.1], [0.8, 1.0, 0.1]]
)
REASONS = {"too-small", "blurred", "turned-away", "too-dark", "too-bright"}


def _landmarks(yaw: float, pitch: float, roll: float = 0.0, scale: float = 30.0) -> np.ndarray:
    """The head's landmarks as a distant camera sees them; angles in degrees."""
    yaw, pitch, roll = (math.radians(angle) for angle in (yaw, pitch, roll))
    turn = np.array(
        [[math.cos(yaw), 0, math.sin(yaw)], [0, 1, 0], [-math.sin(yaw), 0, math.cos(yaw)]]
    )
    nod = np.array(
        [[1, 0, 0], [0, math.cos(pitch), -math.sin(pitch)], [0, math.sin(pitch), math.cos(pitch)]]
    )
    tilt = np.array([[math.cos(roll), -math.sin(roll)], [math.sin(roll), math.cos(roll)]])
    return np.asarray(scale * (HEAD @ turn.T @ nod.T)[:, :2] @ tilt.T + 100.0)


@given(side=st.floats(0, 1e5), more=st.floats(0, 1e5))
def test_a_larger_face_never_scores_less(side: float, more: float) -> None:
    assert 0 <= size_score(side) <= size_score(side + more) <= 1


@given(sigma=st.floats(0.3, 8), more=st.floats(0.2, 4), seed=st.integers(0, 1000))
def test_more_blur_never_scores_more(sigma: float, more: float, seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (70, 68)).astype(np.float32)
    once = np.asarray(cv2.GaussianBlur(noise, (0, 0), sigma), np.float32)
    twice = np.asarray(cv2.GaussianBlur(noise, (0, 0), sigma + more), np.float32)
    assert 0 <= sharpness_score(twice) <= sharpness_score(once) <= 1


@given(luma=st.floats(0, 125), darker=st.floats(0, 1))
def test_a_darker_face_never_scores_more(luma: float, darker: float) -> None:
    assert 0 <= brightness_score(luma * darker) <= brightness_score(luma) <= 1


@given(luma=st.floats(125, 255), darker=st.floats(0, 1))
def test_a_brighter_face_never_scores_more(luma: float, darker: float) -> None:
    less = 125 + (luma - 125) * darker
    assert 0 <= brightness_score(luma) <= brightness_score(less) <= 1


@given(yaw=st.floats(0, 80), more=st.floats(0, 30), side=st.sampled_from([-1, 1]))
def test_turning_further_away_never_scores_more(yaw: float, more: float, side: int) -> None:
    further = min(yaw + more, 85)
    nearer_score = pose_score(_landmarks(side * yaw, 0), TEMPLATE)
    assert pose_score(_landmarks(side * further, 0), TEMPLATE) <= nearer_score + 1e-9


@given(
    yaw=st.floats(-60, 60),
    pitch=st.floats(-30, 30),
    roll=st.floats(-180, 180),
    scale=st.floats(3, 2000),
)
def test_tilting_or_enlarging_the_picture_does_not_change_the_pose(
    yaw: float, pitch: float, roll: float, scale: float
) -> None:
    straight = pose_score(_landmarks(yaw, pitch), TEMPLATE)
    assert pose_score(_landmarks(yaw, pitch, roll, scale), TEMPLATE) == pytest.approx(straight)


def test_a_face_to_the_camera_scores_high_and_a_profile_low() -> None:
    assert pose_score(TEMPLATE, TEMPLATE) > 0.85
    assert pose_score(_landmarks(0, 0), TEMPLATE) > 0.85
    assert pose_score(_landmarks(25, 0), TEMPLATE) > LOW
    assert pose_score(_landmarks(75, 0), TEMPLATE) < LOW
    assert pose_score(_landmarks(0, 50), TEMPLATE) < pose_score(_landmarks(0, 15), TEMPLATE)


@given(
    seed=st.integers(0, 10_000),
    points=st.lists(st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4)), min_size=5, max_size=5),
    side=st.floats(0, 1e4),
    level=st.integers(0, 255),
)
def test_every_score_lies_between_nothing_and_one(
    seed: int, points: list[tuple[float, float]], side: float, level: int
) -> None:
    crop = np.random.default_rng(seed).integers(0, level + 1, (112, 112, 3)).astype(np.uint8)
    quality = assess(crop, np.array(points), (side, side), TEMPLATE)
    scores = (quality.size, quality.sharpness, quality.pose, quality.brightness, quality.overall)
    assert all(0 <= score <= 1 for score in scores)
    assert min(scores[:4]) - 1e-9 <= quality.overall <= max(scores[:4]) + 1e-9
    assert set(quality.reasons) <= REASONS
    assert len(quality.reasons) == sum(score < LOW for score in scores[:4])


@pytest.mark.parametrize(
    ("level", "side", "yaw", "expected"),
    [
        (4, 100, 0, ("blurred", "too-dark")),
        (253, 100, 0, ("blurred", "too-bright")),
        (128, 18, 0, ("too-small", "blurred")),
        (128, 100, 85, ("blurred", "turned-away")),
    ],
)
def test_a_low_score_says_why(
    level: int, side: float, yaw: float, expected: tuple[str, ...]
) -> None:
    flat = np.full((112, 112, 3), level, np.uint8)
    assert assess(flat, _landmarks(yaw, 0), (side, side * 2), TEMPLATE).reasons == expected
