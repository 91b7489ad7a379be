"""A worker that hangs at an image is found out; one that works, or waits for others, is not."""

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from bigbrother.face.batch.in_engine import InEngine
from bigbrother.face.engine.types import AnalyzeOptions
from tests.fakes.clock import FakeClock
from tests.waiting import until

OPTIONS = AnalyzeOptions()


def test_the_image_that_came_first_counts_and_only_while_it_is_there() -> None:
    clock = FakeClock()
    go_on = threading.Semaphore(0)
    analyzer: Any = SimpleNamespace(analyze=lambda *_: go_on.acquire())
    engine = InEngine(analyzer, clock)
    assert engine.longest_seconds() == 0
    first = threading.Thread(target=engine.analyze, args=(b"", OPTIONS))
    first.start()
    until(lambda: len(engine._since_seconds) == 1)
    clock.forward(30)
    second = threading.Thread(target=engine.analyze, args=(b"", OPTIONS))
    second.start()
    until(lambda: len(engine._since_seconds) == 2)
    clock.forward(5)
    assert engine.longest_seconds() == 35
    go_on.release(2)
    for thread in (first, second):
        thread.join(5)
    assert engine.longest_seconds() == 0


def test_an_image_that_fails_is_not_taken_for_one_that_hangs() -> None:
    clock = FakeClock()

    def fail(*_: object) -> None:
        raise ValueError("damaged")

    analyzer: Any = SimpleNamespace(analyze=fail)
    engine = InEngine(analyzer, clock)
    with pytest.raises(ValueError, match="damaged"):
        engine.analyze(b"", OPTIONS)
    clock.forward(30)
    assert engine.longest_seconds() == 0
