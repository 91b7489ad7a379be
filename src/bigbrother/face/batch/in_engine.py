"""How long the images in the engine have been there: none leaves one that hangs."""

import itertools

from bigbrother.face.engine.analyzer import Analyzer
from bigbrother.face.engine.types import AnalyzeOptions, ImageAnalysis
from bigbrother.kernel.clock import Clock


class InEngine:
    """An analyzer that remembers since when it has been at each image; threads may share it."""

    def __init__(self, analyzer: Analyzer, clock: Clock) -> None:
        self._analyzer = analyzer
        self._clock = clock
        self._numbers = itertools.count()
        self._since_seconds: dict[int, float] = {}

    def decoded_bytes(self, data: bytes) -> int:
        """As of the analyzer."""
        return self._analyzer.decoded_bytes(data)

    def analyze(self, data: bytes, options: AnalyzeOptions) -> ImageAnalysis:
        """As of the analyzer."""
        number = next(self._numbers)
        self._since_seconds[number] = self._clock.monotonic_seconds()
        try:
            return self._analyzer.analyze(data, options)
        finally:
            del self._since_seconds[number]

    def longest_seconds(self) -> float:
        """How long the image that came first has been in it; 0 when none is."""
        # A copy: others come and go meanwhile.
        since = list(self._since_seconds.values())
        return self._clock.monotonic_seconds() - min(since) if since else 0.0
