"""An image's bytes in, its faces out: the one entry into the engine."""

from dataclasses import dataclass
from time import perf_counter

import cv2
import numpy as np

from bigbrother.face.engine.align import align
from bigbrother.face.engine.decode import DecodedImage, decode, decoded_bytes
from bigbrother.face.engine.detect import Detections, Detector
from bigbrother.face.engine.embed import Embedder
from bigbrother.face.engine.quality import assess
from bigbrother.face.engine.types import (
    AnalyzedFace,
    AnalyzeOptions,
    Box,
    Embedding,
    EngineLimits,
    ImageAnalysis,
)
from bigbrother.kernel.errors import Unavailable
from bigbrother.models.store import Pack

_DEFAULT = AnalyzeOptions()
_HALF_WEIGHT_OUTWARDS = 0.4
"""Share of the way from the centre to a corner at which a face's area counts half: whom a photo
shows is in the middle, even when a shoulder's neighbour leans closer to the camera."""


class EngineNotRenewed(Unavailable):
    """The networks could not be opened anew; the old ones work on."""

    code = "engine-not-renewed"
    title = "The engine was not renewed"


@dataclass(frozen=True, slots=True)
class _Networks:
    """One session of each; replaced together."""

    detector: Detector
    embedder: Embedder


class Analyzer:
    """The networks of one pack, ready to run; threads may share it.

    Every call runs on the caller's thread alone and leaves the GIL while a network runs.
    """

    def __init__(self, pack: Pack, limits: EngineLimits) -> None:
        """Loads the networks; raises what `Pack.file` raises."""
        # OpenCV's own threads would compete with the caller's; the setting is the process's.
        cv2.setNumThreads(1)
        manifest = pack.manifest
        self._limits = limits
        self._size_pixels = manifest.alignment.size_pixels
        self._template = np.array(manifest.alignment.template, np.float64)
        self._score_threshold = manifest.detection.score_threshold
        # Kept: later the process may not be allowed to read them. The sessions hold them, too.
        self._detector_file, self._embedder_file = pack.file("detector"), pack.file("embedder")
        self._networks = self._open()

    def follow(self, limits: EngineLimits) -> None:
        """Images that come from now on are bound by these limits."""
        self._limits = limits

    @property
    def provider(self) -> str:
        """What the networks run on, as ONNX Runtime names it."""
        return self._networks.embedder.provider

    def renew(self, sample: bytes, least_similarity: float) -> None:
        """Opens the networks anew and goes on with them; what an old one took is given back.

        Whoever is in an old one finishes there. The new ones must first see in the sample photo
        what the old ones see: raises EngineNotRenewed otherwise, and nothing has changed.
        """
        networks = self._open()
        old, new = self.analyze(sample), self._analyze(networks, sample, _DEFAULT)
        alike = [
            float(a.embedding @ b.embedding)
            for a, b in zip(old.faces, new.faces, strict=False)
            if a.embedding is not None and b.embedding is not None
        ]
        # `not >=` so that a similarity that is not a number is refused too.
        if len(alike) != len(old.faces) or not all(each >= least_similarity for each in alike):
            raise EngineNotRenewed(
                "The networks, opened anew, do not see in the sample photo what they saw before.",
                remedy="Check the pack with 'bigbrother models verify'; the old ones work on.",
            )
        self._networks = networks

    def decoded_bytes(self, data: bytes) -> int:
        """Most memory that decoding this image takes, from its header only.

        Raises the refusals of `analyze`, except of images whose damage lies behind the header.
        """
        return decoded_bytes(data, self._limits)

    def analyze(self, data: bytes, options: AnalyzeOptions = _DEFAULT) -> ImageAnalysis:
        """The faces of an image file, most prominent first: large ones, and of similar ones those
        nearer the centre.

        Raises the errors of `face.engine.errors` for an image that cannot be used.
        """
        return self._analyze(self._networks, data, options)

    def _open(self) -> "_Networks":
        return _Networks(
            Detector(self._detector_file, self._score_threshold), Embedder(self._embedder_file)
        )

    def _analyze(
        self, networks: "_Networks", data: bytes, options: AnalyzeOptions
    ) -> ImageAnalysis:
        started = perf_counter()
        limits = self._limits
        image = decode(data, limits)
        decoded = perf_counter()
        smallest = options.min_size_pixels / max(image.scale)
        found = networks.detector.detect(image.pixels, smallest)
        found = _most_prominent_first(_big_enough(found, image, options.min_size_pixels), image)
        detected = perf_counter()
        most = min(options.max_faces or limits.max_faces, limits.max_faces)
        kept = found.only(np.arange(len(found))[:most])
        faces = self._describe(networks.embedder, image, kept, options)
        return ImageAnalysis(
            width=image.width,
            height=image.height,
            faces=faces,
            faces_found=len(found),
            decode_seconds=decoded - started,
            detect_seconds=detected - decoded,
            embed_seconds=perf_counter() - detected,
        )

    def _describe(
        self,
        embedder: Embedder,
        image: DecodedImage,
        found: Detections,
        options: AnalyzeOptions,
    ) -> tuple[AnalyzedFace, ...]:
        crops = [
            align(image.pixels, points, self._template, self._size_pixels)
            for points in found.landmarks
        ]
        embeddings: list[Embedding | None] = [None] * len(crops)
        if options.embeddings:
            embeddings = list(embedder.embed(crops))
        across, down = image.scale
        faces = []
        for index, crop in enumerate(crops):
            left, top, right, bottom = (float(side) for side in found.boxes[index])
            sides = (right - left, bottom - top)
            points = found.landmarks[index]
            faces.append(
                AnalyzedFace(
                    box=Box(left * across, top * down, sides[0] * across, sides[1] * down),
                    score=float(found.scores[index]),
                    landmarks=points * np.array([across, down], np.float32),
                    quality=assess(crop, points, sides, self._template),
                    embedding=embeddings[index],
                    crop=crop,
                )
            )
        return tuple(faces)


def _big_enough(found: Detections, image: DecodedImage, min_size_pixels: float) -> Detections:
    sides = (found.boxes[:, 2:] - found.boxes[:, :2]) * np.array(image.scale)
    return found.only(sides.min(axis=1, initial=np.inf) >= min_size_pixels)


def _most_prominent_first(found: Detections, image: DecodedImage) -> Detections:
    sides = found.boxes[:, 2:] - found.boxes[:, :2]
    middle = np.array([image.pixels.shape[1], image.pixels.shape[0]]) / 2
    away = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2 - middle
    outwards = np.hypot(away[:, 0], away[:, 1]) / np.hypot(*middle)
    prominence = sides.prod(axis=1) / (1 + (outwards / _HALF_WEIGHT_OUTWARDS) ** 2)
    return found.only(np.argsort(-prominence, kind="stable"))
