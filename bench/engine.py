"""Measures the engine alone: `python -m bench.engine [--rounds N]`.

Times are medians on one thread. The ratio compares a whole call with the bare ONNX Runtime runs
that it needs, on inputs of the same shapes; what is above 1 is decoding, alignment and Python.
Uses the shipped sample photo, and labelled photos beside the project where they exist.
"""

import argparse
import os
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bigbrother.face.engine.analyzer import Analyzer
from bigbrother.face.engine.detect import pyramid, tile_spans
from bigbrother.face.engine.session import open_session
from bigbrother.face.engine.types import EngineLimits, ImageAnalysis
from bigbrother.models.samples import sample_photo
from bigbrother.models.store import Pack, PackStore
from bigbrother.runbook.load import load_runbook

ROOT = Path(__file__).resolve().parent.parent
PhotoSet = list[tuple[str, bytes]]


@dataclass(frozen=True)
class Timing:
    """Medians in milliseconds."""

    decode: float
    detect: float
    embed: float
    bare: float
    """The networks' runs alone."""
    faces: int
    width: int
    height: int

    @property
    def total(self) -> float:
        return self.decode + self.detect + self.embed


class BareNetworks:
    """The two networks without anything around them."""

    def __init__(self, pack: Pack) -> None:
        self._detector = open_session(pack.file("detector"))
        self._embedder = open_session(pack.file("embedder"))
        self._crop_shape = (1, *[pack.manifest.alignment.size_pixels] * 2, 3)

    def milliseconds(self, width: int, height: int, faces: int, rounds: int) -> float:
        """Median time of the runs that an image of this size with so many faces needs."""
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

        return _median_milliseconds(run, rounds)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    bounds = load_runbook().limits
    limits = EngineLimits(int(bounds.image_size.value), bounds.image_pixels, bounds.faces_per_image)
    pack = PackStore(ROOT / "nothing-installed").load("sface")
    started = perf_counter()
    analyzer = Analyzer(pack, limits)
    loading = 1000 * (perf_counter() - started)
    bare = BareNetworks(pack)
    table = Table("image", "pixels", "faces", "decode", "detect", "embed", "total ms", "ratio")
    photos, missing = _photos()
    for name, data in photos:
        timing = _measure(analyzer, bare, data, rounds if len(data) < 10**6 else rounds // 3 + 1)
        milliseconds = (timing.decode, timing.detect, timing.embed, timing.total)
        table.add_row(
            name,
            f"{timing.width} x {timing.height}",
            str(timing.faces),
            *(f"{value:.1f}" for value in milliseconds),
            f"{timing.total / timing.bare:.2f}",
        )
    console = Console()
    console.print(table)
    console.print(f"Loading both networks: {loading:.0f} ms.")
    if missing:
        console.print(f"Left out: {missing}.")


def _measure(analyzer: Analyzer, bare: BareNetworks, data: bytes, rounds: int) -> Timing:
    analyzer.analyze(data)
    found: list[ImageAnalysis] = [analyzer.analyze(data) for _ in range(rounds)]
    one = found[0]
    return Timing(
        decode=1000 * statistics.median(each.decode_seconds for each in found),
        detect=1000 * statistics.median(each.detect_seconds for each in found),
        embed=1000 * statistics.median(each.embed_seconds for each in found),
        bare=bare.milliseconds(one.width, one.height, len(one.faces), rounds),
        faces=one.faces_found,
        width=one.width,
        height=one.height,
    )


def _photos() -> tuple[PhotoSet, str]:
    """What to measure, and what is absent."""
    sample = np.asarray(cv2.imdecode(np.frombuffer(sample_photo(), np.uint8), cv2.IMREAD_COLOR))
    single = sample[:250, 100:350]
    photos: PhotoSet = [
        ("single face, 250 x 250", _jpeg(single)),
        ("the sample photo", sample_photo()),
        (
            "a face that fills 12 megapixels",
            _jpeg(cv2.resize(sample[55:185, 140:313], (4000, 3000))),
        ),
    ]
    data = Path(os.environ.get("BIGBROTHER_TEST_DATA", ROOT.parent / "shared" / "data"))
    groups = sorted((data / "groups").glob("*.jpg"))
    if not groups:
        return photos, f"the crowd, since {data} has no photos of groups"
    photos.append(("crowd", groups[0].read_bytes()))
    return photos, ""


def _jpeg(pixels: NDArray[np.generic]) -> bytes:
    return bytes(cv2.imencode(".jpg", pixels)[1].tobytes())


def _lengths(side: int, scale: float) -> list[int]:
    return [end - start for start, end in tile_spans(max(1, round(side * scale)))]


def _median_milliseconds(run: Callable[[], None], rounds: int) -> float:
    run()
    durations = []
    for _ in range(rounds):
        started = perf_counter()
        run()
        durations.append(perf_counter() - started)
    return 1000 * statistics.median(durations)


if __name__ == "__main__":
    main()
