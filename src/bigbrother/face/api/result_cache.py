"""Analyses of images that may come again, in memory for a short time.

What an image shows is kept, never who was recognised in it: consent, enrolments and erasures are
looked up anew for every answer. Nothing about anybody stays longer than the document says, and an
erasure, a withdrawn consent or another model empties it at once.
"""

import asyncio
import hashlib
import secrets
from collections import OrderedDict
from dataclasses import astuple, dataclass

from bigbrother.face.engine.types import AnalyzeOptions, ImageAnalysis
from bigbrother.kernel.clock import Clock
from bigbrother.runbook.sections.tuning import ResultCache as Figures
from bigbrother.telemetry.face_metrics import FaceMetrics

_KEY_BYTES = 32
_LATE_SECONDS = 0.05
_FACE_BYTES = 1024
"""What a face takes beside its arrays."""


@dataclass(frozen=True, slots=True)
class _Kept:
    analysis: ImageAnalysis
    bytes: int
    until_seconds: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where an image's analysis would be kept, and since when its place is good."""

    digest: bytes
    generation: int


class ResultCache:
    """Used on the event loop only, but for `place`, which any thread may compute."""

    def __init__(self, figures: Figures, clock: Clock, metrics: FaceMetrics) -> None:
        self._clock = clock
        self._metrics = metrics
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()
        self._bytes = 0
        self._generation = 0
        self._key = secrets.token_bytes(_KEY_BYTES)
        self._figures = figures
        self._timer: asyncio.TimerHandle | None = None

    @property
    def on(self) -> bool:
        """Whether anything is kept at all."""
        return self._figures.images > 0

    def follow(self, figures: Figures) -> None:
        """Keeps no more, and nothing longer, than this from now on."""
        if figures == self._figures:
            return
        shorter = figures.kept_for.value < self._figures.kept_for.value
        self._figures = figures
        if shorter:
            self.forget()
        self._fit()

    def place(self, image: bytes, options: AnalyzeOptions) -> Place:
        """Takes time with the image's size; the digest tells nothing without this process's key."""
        generation = self._generation
        digest = hashlib.blake2b(image, key=self._key, digest_size=_KEY_BYTES)
        digest.update(repr(astuple(options)).encode())
        return Place(digest.digest(), generation)

    def find(self, place: Place) -> ImageAnalysis | None:
        """The analysis of the same image with the same options, if it is kept still."""
        self._drop_old()
        kept = self._kept.get(place.digest)
        self._metrics.result_cache.labels("miss" if kept is None else "hit").inc()
        if kept is None:
            return None
        return kept.analysis

    def keep(self, place: Place, analysis: ImageAnalysis) -> None:
        """Keeps it, unless everything was forgotten since its place was computed."""
        if place.generation != self._generation or not self.on:
            return
        size_bytes = _size_bytes(analysis)
        if size_bytes > self._figures.size.value:
            return
        self._drop(place.digest)
        until = self._clock.monotonic_seconds() + self._figures.kept_for.value
        self._kept[place.digest] = _Kept(analysis, size_bytes, until)
        self._bytes += size_bytes
        self._fit()
        self._wait_for_oldest()

    def forget(self) -> None:
        """Empties it; what is being analysed now is not kept either."""
        self._generation += 1
        self._key = secrets.token_bytes(_KEY_BYTES)
        self._kept.clear()
        self._bytes = 0
        if self._timer is not None:
            # What is kept from now on may have to go sooner.
            self._timer.cancel()
            self._timer = None
        self._tell()

    def _drop_old(self) -> None:
        # The oldest come first: each is kept for as long as the others.
        now = self._clock.monotonic_seconds()
        while self._kept and next(iter(self._kept.values())).until_seconds <= now:
            self._drop(next(iter(self._kept)))
        self._tell()

    def _wait_for_oldest(self) -> None:
        """What nobody asks for again goes in time, too."""
        if self._timer is not None or not self._kept:
            return
        oldest = next(iter(self._kept.values()))
        left_seconds = max(0.0, oldest.until_seconds - self._clock.monotonic_seconds())
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(left_seconds + _LATE_SECONDS, self._in_time)

    def _in_time(self) -> None:
        self._timer = None
        self._drop_old()
        self._wait_for_oldest()

    def _fit(self) -> None:
        while self._kept and (
            len(self._kept) > self._figures.images or self._bytes > self._figures.size.value
        ):
            self._drop(next(iter(self._kept)))
        self._tell()

    def _drop(self, digest: bytes) -> None:
        kept = self._kept.pop(digest, None)
        if kept is not None:
            self._bytes -= kept.bytes

    def _tell(self) -> None:
        self._metrics.result_cache_images.set(len(self._kept))
        self._metrics.result_cache_bytes.set(self._bytes)


def _size_bytes(analysis: ImageAnalysis) -> int:
    return _FACE_BYTES + sum(
        _FACE_BYTES
        + face.crop.nbytes
        + face.landmarks.nbytes
        + (0 if face.embedding is None else face.embedding.nbytes)
        for face in analysis.faces
    )
