"""Lets a bounded number of requests wait for the engine, and runs it beside the event loop."""

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from bigbrother.face.api.errors import TooBusy
from bigbrother.face.api.memory import ImageMemory
from bigbrother.face.api.multipart import EncodedImage
from bigbrother.face.api.result_cache import ResultCache
from bigbrother.face.api.slots import Slots
from bigbrother.face.engine.analyzer import Analyzer
from bigbrother.face.engine.types import AnalyzeOptions, ImageAnalysis
from bigbrother.kernel.errors import InvalidInput
from bigbrother.runbook.model import Runbook
from bigbrother.telemetry.face_metrics import FaceMetrics

T = TypeVar("T")


class EngineGate:
    """The way to the engine: as many images at once as there are threads, the rest in order.

    Used on the event loop only; the engine itself runs in threads of its own.
    """

    def __init__(
        self,
        analyzer: Analyzer,
        memory: ImageMemory,
        cache: ResultCache,
        runbook: Runbook,
        metrics: FaceMetrics,
        threads: int,
    ) -> None:
        """`threads`: where the document leaves their number open; 0 means one a core."""
        self._own_threads = threads or os.cpu_count() or 1
        self._analyzer = analyzer
        self._memory = memory
        self._cache = cache
        self._metrics = metrics
        self._requests = 0
        self._running = 0
        self.threads = self._threads(runbook)
        self._slots = Slots(self.threads)
        self._executor = self._new_executor()
        self.follow(runbook)

    def follow(self, runbook: Runbook) -> None:
        """Counts for whoever comes from now on; images in the engine stay there."""
        threads = self._threads(runbook)
        if threads != self.threads:
            self.threads = threads
            self._slots.resize(threads)
            # Its threads end once they have done what was handed to them.
            self._executor.shutdown(wait=False)
            self._executor = self._new_executor()
        self._most_requests = threads + runbook.limits.waiting_requests

    def refuse_if_full(self) -> None:
        """Raises TooBusy when no further request may wait; asked before a body is read."""
        if self._requests >= self._most_requests:
            self._metrics.rejected.labels("waiting-requests").inc()
            raise TooBusy(
                "As many requests are waiting as may wait.",
                remedy="Try again after the time that Retry-After names.",
            )

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place among the requests that are let in. Raises TooBusy when there is none."""
        self.refuse_if_full()
        self._requests += 1
        self._tell()
        try:
            yield
        finally:
            self._requests -= 1
            self._tell()

    async def analyze_all(
        self, images: Sequence[EncodedImage], options: AnalyzeOptions
    ) -> list[ImageAnalysis | InvalidInput]:
        """Each image's analysis, or why it was refused, in the order given; needs a place.

        A request with many images takes no more threads than there are, so that a request with
        one waits behind a few images at most.
        """
        own = asyncio.Semaphore(self.threads)

        async def one(image: EncodedImage) -> ImageAnalysis | InvalidInput:
            async with own:
                try:
                    return await self.analyze(image, options)
                except InvalidInput as refusal:
                    return refusal

        return list(await asyncio.gather(*map(one, images)))

    async def analyze(self, image: EncodedImage, options: AnalyzeOptions) -> ImageAnalysis:
        """One image's analysis; needs a place. Raises why the image is refused."""
        if isinstance(image, InvalidInput):
            raise image
        if not self._cache.on:
            return await self._in_turn(image, options)
        place = await asyncio.to_thread(self._cache.place, image, options)
        kept = self._cache.find(place)
        if kept is not None:
            return kept
        found = await self._in_turn(image, options)
        self._cache.keep(place, found)
        return found

    async def _in_turn(self, image: bytes, options: AnalyzeOptions) -> ImageAnalysis:
        async with self._slots:
            self._running += 1
            self._tell()
            work = asyncio.ensure_future(self._analyze(image, options))
            try:
                return await asyncio.shield(work)
            finally:
                # A thread cannot be stopped: its core and memory stay taken until it ends.
                if not work.done():
                    await asyncio.wait({work})
                    work.exception()
                self._running -= 1
                self._tell()

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Runs something that takes a core (decoding base64, parsing) in an engine thread."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)

    def close(self) -> None:
        """Ends the threads after the work that they have."""
        self._executor.shutdown(wait=True)

    def _threads(self, runbook: Runbook) -> int:
        return runbook.serving.images_at_once or self._own_threads

    def _new_executor(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self.threads, thread_name_prefix="engine")

    async def _analyze(self, data: bytes, options: AnalyzeOptions) -> ImageAnalysis:
        try:
            decoded_bytes = await self.in_thread(lambda: self._analyzer.decoded_bytes(data))
            async with self._memory.decoded(decoded_bytes):
                found = await self.in_thread(lambda: self._analyzer.analyze(data, options))
        except InvalidInput:
            self._metrics.images.labels("refused").inc()
            raise
        self._count(found)
        return found

    def _count(self, found: ImageAnalysis) -> None:
        workload = (
            ("no-face", "single-face")[len(found.faces)]
            if len(found.faces) < 2
            else "several-faces"
        )
        stages = {
            "decode": found.decode_seconds,
            "detect": found.detect_seconds,
            "embed": found.embed_seconds,
        }
        for stage, seconds in {**stages, "total": sum(stages.values())}.items():
            self._metrics.inference_seconds.labels(stage, workload).observe(seconds)
        self._metrics.images.labels("analysed").inc()
        self._metrics.faces.inc(found.faces_found)

    def _tell(self) -> None:
        self._metrics.waiting_requests.set(max(0, self._requests - self._running))
