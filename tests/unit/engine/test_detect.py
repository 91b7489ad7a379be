"""How an image is divided for the search, and how its answers are put together."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bigbrother.face.engine.detect import (
    NOTHING,
    Detections,
    Detector,
    join,
    pyramid,
    read_outputs,
    suppress,
    tile_spans,
)
from bigbrother.models.store import PackStore
from tests.fakes.packs import NOWHERE

SIDES = st.integers(1, 20_000)


@given(width=SIDES, height=SIDES)
def test_every_face_from_20_pixels_up_fits_some_level(width: int, height: int) -> None:
    scales = list(pyramid(width, height))
    assert scales[0] == 1
    assert max(width, height) * scales[-1] <= 400.5
    for finer, coarser in pairwise(scales):
        assert 1 < finer / coarser <= 4.001


@given(width=SIDES, height=SIDES, smallest=st.floats(0, 5000))
def test_a_least_size_only_makes_the_search_coarser(
    width: int, height: int, smallest: float
) -> None:
    first = next(pyramid(width, height, smallest))
    assert 0 < first <= 1
    assert first * max(smallest, 32) >= 31.999


@given(length=SIDES)
def test_tiles_cover_everything_and_overlap_by_a_face(length: int) -> None:
    spans = tile_spans(length)
    assert spans[0][0] == 0
    assert spans[-1][1] == length
    for (left, end), (start, _) in pairwise(spans):
        assert end - left == 1280
        assert end - start >= 159


def test_the_most_certain_of_overlapping_answers_stays() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 1, 11, 11], [30, 0, 40, 10]], np.float32)
    scores = np.array([0.7, 0.9, 0.8], np.float32)
    kept = suppress(Detections(boxes, scores, np.zeros((3, 5, 2), np.float32)))
    assert kept.scores.tolist() == [np.float32(0.9), np.float32(0.8)]
    assert len(suppress(NOTHING)) == 0


@given(seed=st.integers(0, 1000), count=st.integers(0, 40))
def test_no_two_kept_answers_overlap_much(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    corners = random.uniform(0, 60, (count, 2))
    boxes = np.hstack([corners, corners + random.uniform(5, 40, (count, 2))]).astype(np.float32)
    scores = random.uniform(0, 1, count).astype(np.float32)
    kept = suppress(Detections(boxes, scores, np.zeros((count, 5, 2), np.float32)))
    assert list(kept.scores) == sorted(kept.scores, reverse=True)
    assert (len(kept) > 0) == (count > 0)
    for index, one in enumerate(kept.boxes):
        for other in kept.boxes[index + 1 :]:
            shared = np.clip(
                np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2]), 0, None
            )
            union = np.prod(one[2:] - one[:2]) + np.prod(other[2:] - other[:2]) - shared.prod()
            assert shared.prod() <= 0.301 * union


def test_answers_that_are_not_finite_are_left_out() -> None:
    outputs = {}
    for stride, anchors in ((8, 16), (16, 4), (32, 1)):
        outputs[f"cls_{stride}"] = np.ones((1, anchors, 1), np.float32)
        outputs[f"obj_{stride}"] = np.ones((1, anchors, 1), np.float32)
        outputs[f"bbox_{stride}"] = np.full((1, anchors, 4), np.nan, np.float32)
        outputs[f"kps_{stride}"] = np.zeros((1, anchors, 10), np.float32)
    outputs["bbox_32"][:] = 0
    found = read_outputs(outputs, 32, 0.5)
    assert len(found) == 1
    assert found.boxes.tolist() == [[-16, -16, 16, 16]]
    outputs["bbox_32"][:] = np.inf
    assert len(read_outputs(outputs, 32, 0.5)) == 0


def test_an_image_without_faces_has_none_at_any_size() -> None:
    pack = PackStore(NOWHERE).load("sface")
    detector = Detector(pack.file("detector"), pack.manifest.detection.score_threshold)
    for height, width in ((1, 1), (1, 500), (31, 33), (500, 1), (300, 700)):
        assert len(detector.detect(np.full((height, width, 3), 90, np.uint8))) == 0
    assert len(join([NOTHING, NOTHING])) == 0
