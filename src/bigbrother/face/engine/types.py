"""What the engine takes and gives."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bigbrother.runbook.model import Limits

Embedding = NDArray[np.float32]
"""Shape [dimension], unit length; the dot product of two is their cosine similarity."""

Image = NDArray[np.uint8]
"""Shape [height, width, 3], RGB, upright (EXIF orientation applied)."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the upright original image; may reach over its edge."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Quality:
    """How usable a face is for recognition; every score in [0, 1], 1 is best."""

    size: float
    sharpness: float
    pose: float
    brightness: float
    overall: float
    reasons: tuple[str, ...]
    """Why a score is low: too-small, blurred, turned-away, too-dark, too-bright."""


@dataclass(frozen=True, slots=True)
class AnalyzedFace:
    """One face of one image."""

    box: Box
    score: float
    """The detector's confidence in [0, 1]."""
    landmarks: NDArray[np.float32]
    """Shape [5, 2]: the subject's right eye, left eye, nose tip, right and left mouth corner
    (in the image: left to right for an upright face), in pixels of the upright original."""
    quality: Quality
    embedding: Embedding | None
    """None when embeddings were not asked for."""
    crop: Image
    """The aligned face that went into the embedding network."""


@dataclass(frozen=True, slots=True)
class AnalyzeOptions:
    """What to compute for an image."""

    embeddings: bool = True
    max_faces: int | None = None
    """Keep the most prominent faces only; None keeps what the engine's own limit allows."""
    min_size_pixels: float = 0.0
    """Faces whose shorter box side is below this are left out."""


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """Bounds that are checked before memory is taken; from the runbook document."""

    max_image_bytes: int
    max_image_pixels: int
    max_faces: int
    """Most faces analysed in one image; the most prominent are kept."""

    @classmethod
    def of(cls, limits: Limits) -> Self:
        """As the document says."""
        return cls(
            max_image_bytes=int(limits.image_size.value),
            max_image_pixels=limits.image_pixels,
            max_faces=limits.faces_per_image,
        )


@dataclass(frozen=True, slots=True)
class ImageAnalysis:
    """Everything found in one image, most prominent face first: large, and near the centre."""

    width: int
    height: int
    """Size of the upright original in pixels."""
    faces: tuple[AnalyzedFace, ...]
    faces_found: int
    """Faces detected before max_faces cut the list (after min_size_pixels)."""
    decode_seconds: float
    detect_seconds: float
    embed_seconds: float
    """Alignment, embedding and quality of all faces."""
