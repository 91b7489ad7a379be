"""The worker's cores and its memory for images, shared by the chunks in hand."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from bigbrother.face.engine.types import AnalyzeOptions, ImageAnalysis


class Engine(Protocol):
    """What the cores run."""

    def decoded_bytes(self, data: bytes) -> int:
        """Most memory that decoding this image takes."""
        ...

    def analyze(self, data: bytes, options: AnalyzeOptions) -> ImageAnalysis:
        """What the image shows."""
        ...


class Cores:
    """So many images at once, within a budget of bytes; or one image alone."""

    def __init__(self, analyzer: Engine, at_once: int, memory_bytes: int) -> None:
        self._analyzer = analyzer
        self._at_once = at_once
        self._memory_bytes = memory_bytes
        self._changed = threading.Condition()
        self._running = 0
        self._taken_bytes = 0
        self._wanting_alone = 0
        self._alone = False

    def follow(self, at_once: int, memory_bytes: int) -> None:
        """Counts for the next image; what was given out stays given."""
        with self._changed:
            self._at_once = at_once
            self._memory_bytes = memory_bytes
            self._changed.notify_all()

    def analyze(self, image: bytes, options: AnalyzeOptions) -> ImageAnalysis:
        """Waits for a core and for memory; raises the refusals of `Analyzer.analyze`."""
        needed_bytes = len(image) + self._analyzer.decoded_bytes(image)
        with self._place(needed_bytes):
            return self._analyzer.analyze(image, options)

    @contextmanager
    def alone(self) -> Iterator[Engine]:
        """The engine, while no other image of this process is in it.

        Whatever kills the process then is this image's doing, or comes from outside.
        """
        with self._changed:
            self._wanting_alone += 1
            self._changed.wait_for(lambda: not self._running and not self._alone)
            self._wanting_alone -= 1
            self._alone = True
        try:
            yield self._analyzer
        finally:
            with self._changed:
                self._alone = False
                self._changed.notify_all()

    @contextmanager
    def _place(self, needed_bytes: int) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: self._fits(needed_bytes))
            self._running += 1
            self._taken_bytes += needed_bytes
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._taken_bytes -= needed_bytes
                self._changed.notify_all()

    def _fits(self, needed_bytes: int) -> bool:
        if self._alone or self._wanting_alone or self._running >= self._at_once:
            return False
        # One image fits always: the document's limits are checked against the budget.
        return not self._running or self._taken_bytes + needed_bytes <= self._memory_bytes
