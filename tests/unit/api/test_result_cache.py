"""Kept analyses: bounded in number, bytes and time, and gone when they must be."""

import asyncio
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bigbrother.face.api.result_cache import ResultCache
from bigbrother.face.engine.types import (
    AnalyzedFace,
    AnalyzeOptions,
    Box,
    ImageAnalysis,
    Quality,
)
from bigbrother.kernel.quantity import parse_quantity
from bigbrother.runbook.load import load_runbook
from bigbrother.runbook.sections.tuning import ResultCache as Figures
from bigbrother.telemetry.face_metrics import FaceMetrics
from tests.fakes.clock import FakeClock

OPTIONS = AnalyzeOptions()
LOOKS = "bigbrother_result_cache_requests_total"


def figures(images: int = 10, size: str = "64 MB", kept_for: str = "1min") -> Figures:
    return Figures(
        images=images,
        size=parse_quantity(size, "size"),
        kept_for=parse_quantity(kept_for, "duration"),
    )


def analysis(faces: int = 1) -> ImageAnalysis:
    face = AnalyzedFace(
        Box(0, 0, 1, 1),
        1.0,
        np.zeros((5, 2), np.float32),
        Quality(1, 1, 1, 1, 1, ()),
        np.zeros(128, np.float32),
        np.zeros((112, 112, 3), np.uint8),
    )
    return ImageAnalysis(1, 1, (face,) * faces, faces, 0, 0, 0)


class Stage:
    """A cache with a clock that is moved."""

    def __init__(self, given: Figures) -> None:
        self.clock = FakeClock()
        self.metrics = FaceMetrics(load_runbook())
        self.cache = ResultCache(given, self.clock, self.metrics)

    def keep(self, image: bytes, faces: int = 1) -> None:
        self.cache.keep(self.cache.place(image, OPTIONS), analysis(faces))

    def has(self, image: bytes, options: AnalyzeOptions = OPTIONS) -> bool:
        return self.cache.find(self.cache.place(image, options)) is not None

    def told(self, name: str) -> float:
        return self.metrics.registry.get_sample_value(name) or 0.0


def play(given: Figures, acts: Callable[[Stage], None]) -> Stage:
    stage = Stage(given)

    async def on_the_loop() -> None:
        acts(stage)

    asyncio.run(on_the_loop())
    return stage


def test_only_the_same_image_with_the_same_options_is_found() -> None:
    def acts(stage: Stage) -> None:
        stage.keep(b"a")
        assert stage.has(b"a")
        assert not stage.has(b"b")
        assert not stage.has(b"a", AnalyzeOptions(max_faces=1))
        assert not stage.has(b"a", AnalyzeOptions(embeddings=False))

    metrics = play(figures(), acts).metrics.registry
    assert metrics.get_sample_value(LOOKS, {"result": "hit"}) == 1
    assert metrics.get_sample_value(LOOKS, {"result": "miss"}) == 3


def test_what_is_kept_goes_in_time() -> None:
    def acts(stage: Stage) -> None:
        stage.keep(b"a")
        stage.clock.forward(59)
        stage.keep(b"b")
        assert stage.has(b"a")
        stage.clock.forward(1)
        assert not stage.has(b"a")
        assert stage.has(b"b")
        assert stage.told("bigbrother_result_cache_images") == 1

    play(figures(), acts)


def test_an_analysis_that_began_before_everything_was_forgotten_is_not_kept() -> None:
    def acts(stage: Stage) -> None:
        place = stage.cache.place(b"a", OPTIONS)
        stage.cache.forget()
        stage.cache.keep(place, analysis())
        assert not stage.has(b"a")

    play(figures(), acts)


def test_nobody_finds_out_from_its_keys_which_images_were_seen() -> None:
    first, second = Stage(figures()), Stage(figures())
    places = {stage.cache.place(b"a", OPTIONS).digest for stage in (first, second)}
    first.cache.forget()
    places.add(first.cache.place(b"a", OPTIONS).digest)
    assert len(places) == 3


@pytest.mark.parametrize(
    ("smaller", "left"),
    [
        (figures(images=2), 2),
        (figures(size="100 kB"), 2),
        (figures(images=0), 0),
        (figures(kept_for="1s"), 0),
    ],
)
def test_smaller_figures_count_at_once(smaller: Figures, left: int) -> None:
    def acts(stage: Stage) -> None:
        for number in range(10):
            stage.keep(bytes([number]))
        stage.cache.follow(smaller)
        assert stage.told("bigbrother_result_cache_images") == left
        assert stage.has(bytes([9])) == bool(left), "the newest stay"

    play(figures(), acts)


def test_one_that_is_larger_than_all_may_be_displaces_nobody() -> None:
    def acts(stage: Stage) -> None:
        stage.keep(b"a")
        stage.keep(b"crowd", faces=10)
        assert stage.has(b"a")
        assert not stage.has(b"crowd")

    play(figures(size="200 kB"), acts)


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 5), st.floats(0, 40)),
        max_size=40,
    )
)
@settings(max_examples=25, deadline=None)
def test_it_never_holds_more_than_it_may(steps: list[tuple[int, int, float]]) -> None:
    def acts(stage: Stage) -> None:
        since: dict[int, float] = {}
        for image, faces, seconds in steps:
            stage.clock.forward(seconds)
            stage.keep(bytes([image]), faces)
            since[image] = stage.clock.seconds
            assert stage.told("bigbrother_result_cache_images") <= 4
            assert stage.told("bigbrother_result_cache_bytes") <= 300_000
            for each, kept_at in since.items():
                if stage.has(bytes([each])):
                    assert stage.clock.seconds - kept_at < 60

    play(figures(images=4, size="300 kB"), acts)
