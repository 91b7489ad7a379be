"""The engine alone, without HTTP and database.

Times are the fastest of several rounds on one thread, since other programs only ever add to them:
decode, detect and embed by the clock, the whole call in time on the processor. The ratio compares
that with the bare ONNX Runtime runs that it needs, on inputs of the same shapes; what is above 1
is decoding, alignment and Python.
Uses the shipped sample photo, and labelled photos beside the project where they exist.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, thread_time

import cv2
import numpy as np

from bench.report import LeftOut, Result, Row
from bigbrother.face.engine.analyzer import Analyzer
from bigbrother.face.engine.detect import pyramid, tile_spans
from bigbrother.face.engine.session import open_session
from bigbrother.face.engine.types import EngineLimits, ImageAnalysis
from bigbrother.models.samples import sample_photo
from bigbrother.models.store import Pack, PackStore
from bigbrother.runbook.load import load_runbook

ROOT = Path(__file__).resolve().parent.parent
Pixels = cv2.typing.MatLike
PhotoSet = list[tuple[str, bytes]]


@dataclass(frozen=True)
class Timing:
    """Milliseconds, of the fastest round."""

    decode: float
    detect: float
    embed: float
    processor: float
    """The whole call, in time on the processor."""
    bare: float
    """The networks' runs alone, in time on the processor."""
    faces: int
    width: int
    height: int


class BareNetworks:
    """The two networks without anything around them."""

    def __init__(self, pack: Pack) -> None:
        self._detector = open_session(pack.file("detector"))
        self._embedder = open_session(pack.file("embedder"))
        self._crop_shape = (1, *[pack.manifest.alignment.size_pixels] * 2, 3)

    def milliseconds(self, width: int, height: int, faces: int, rounds: int) -> float:
        """Fastest time of the runs that an image of this size with so many faces needs."""
        tiles = [
            np.zeros((1, -(-tall // 32) * 32, -(-wide // 32) * 32, 3), np.uint8)
            for scale in pyramid(width, height)
            for tall in _lengths(height, scale)
            for wide in _lengths(width, scale)
        ]
        crop = np.zeros(self._crop_shape, np.uint8)

        def run() -> None:
            for tile in tiles:
                self._detector.run(None, {"images": tile})
            for _ in range(faces):
                self._embedder.run(None, {"images": crop})

        return _fastest_milliseconds(run, rounds)


def measure(rounds: int = 15) -> Iterator[Result]:
    """A row an image: the whole call against the bare networks."""
    limits = EngineLimits.of(load_runbook().limits)
    pack = PackStore(ROOT / "nothing-installed").load("sface")
    started = perf_counter()
    analyzer = Analyzer(pack, limits)
    loading = 1000 * (perf_counter() - started)
    yield Row("both networks loaded", f"{loading:.0f} ms", "", "", "", None)
    bare = BareNetworks(pack)
    photos, missing = _photos()
    for name, data in photos:
        timing = _measure(analyzer, bare, data, rounds if len(data) < 10**6 else rounds // 3 + 1)
        parts = f"{timing.decode:.0f} + {timing.detect:.0f} + {timing.embed:.0f}"
        yield Row(
            f"{name}: {timing.width} x {timing.height}, {timing.faces} face(s)",
            f"{timing.processor:.0f} CPU-ms ({parts} by the clock)",
            f"bare networks {timing.bare:.0f} ms",
            f"{timing.processor / timing.bare:.2f}",
            "",
            None,
        )
    if missing:
        yield LeftOut("a crowd", missing)


def _measure(analyzer: Analyzer, bare: BareNetworks, data: bytes, rounds: int) -> Timing:
    analyzer.analyze(data)
    one = min((analyzer.analyze(data) for _ in range(rounds)), key=_seconds)
    return Timing(
        decode=1000 * one.decode_seconds,
        detect=1000 * one.detect_seconds,
        embed=1000 * one.embed_seconds,
        processor=_fastest_milliseconds(lambda: analyzer.analyze(data), rounds),
        bare=bare.milliseconds(one.width, one.height, len(one.faces), rounds),
        faces=one.faces_found,
        width=one.width,
        height=one.height,
    )


def _seconds(one: ImageAnalysis) -> float:
    return one.decode_seconds + one.detect_seconds + one.embed_seconds


def _photos() -> tuple[PhotoSet, str]:
    """What to measure, and what is absent."""
    sample = np.asarray(cv2.imdecode(np.frombuffer(sample_photo(), np.uint8), cv2.IMREAD_COLOR))
    single = sample[:250, 100:350]
    filling = cv2.resize(sample[55:185, 140:313], (4000, 3000))
    photos: PhotoSet = [
        ("single face", _jpeg(single)),
        ("sample photo", sample_photo()),
        (
            "face fills 12 MP",
            _jpeg(filling),
        ),
    ]
    data = Path(os.environ.get("BIGBROTHER_TEST_DATA", ROOT.parent / "shared" / "data"))
    groups = sorted((data / "groups").glob("*.jpg"))
    if not groups:
        return photos, "no photographs of groups beside the project, set BIGBROTHER_TEST_DATA"
    photos.append(("crowd", groups[0].read_bytes()))
    return photos, ""


def _jpeg(pixels: Pixels) -> bytes:
    return bytes(cv2.imencode(".jpg", pixels)[1].tobytes())


def _lengths(side: int, scale: float) -> list[int]:
    return [end - start for start, end in tile_spans(max(1, round(side * scale)))]


def _fastest_milliseconds(run: Callable[[], object], rounds: int) -> float:
    """Least time on the processor, in this thread."""
    run()
    durations = []
    for _ in range(rounds):
        started = thread_time()
        run()
        durations.append(thread_time() - started)
    return 1000 * min(durations)
