"""What a model pack says about itself: `manifest.json`."""

import math
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from bigbrother.models.impostors import Impostors, Part, Rate, Similarity

Role = Literal["detector", "embedder"]
ROLES: tuple[Role, ...] = ("detector", "embedder")
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Point = tuple[float, float]


class NetworkInput(Part):
    """The tensor that a network takes."""

    name: str
    type: Literal["uint8"]
    shape: tuple[int | str, ...]
    """Images, height, width, colours; a word stands for a size that is free."""
    colours: Literal["RGB"]


class PackFile(Part):
    """One network of a pack."""

    path: str
    """Relative to the pack's folder."""
    sha256: Sha256
    size_bytes: Annotated[int, Field(ge=1)]
    task: str
    licence: str
    """SPDX identifier."""
    licence_file: str
    """The licence's text, relative to the pack's folder."""
    source: str
    input: NetworkInput


class Detection(Part):
    """How the detector's answers are read."""

    score_threshold: Annotated[float, Field(gt=0, lt=1)]
    """Least confidence that makes a face."""


class Alignment(Part):
    """Where the five landmarks of a face come to lie in the square that the embedder sees."""

    size_pixels: Annotated[int, Field(ge=16, le=1024)]
    template: tuple[Point, Point, Point, Point, Point]
    """The eye on the left of the image, the other, nose tip, mouth corner on the left, the other;
    (x, y) in pixels."""


class Verification(Part):
    """The default decision for two images."""

    false_match_rate: Rate
    threshold: Similarity


class Manifest(Part):
    """One version of one model pack."""

    name: Name
    version: Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z.+_-]{0,62}$")]
    task: Literal["face-recognition"]
    description: str
    files: Mapping[Role, PackFile]
    dimension: Annotated[int, Field(ge=8, le=4096)]
    detection: Detection
    alignment: Alignment
    verification: Verification
    impostors: Impostors

    @model_validator(mode="after")
    def _is_complete(self) -> "Manifest":
        missing = [role for role in ROLES if role not in self.files]
        if missing:
            raise ValueError(f"files has no {' and no '.join(missing)}")
        return self

    @property
    def licence(self) -> str:
        """SPDX expression of all files together."""
        return " AND ".join(sorted({file.licence for file in self.files.values()}))

    @property
    def source(self) -> str:
        """Where the networks come from."""
        return "; ".join(self.files[role].source for role in ROLES)

    def verification_threshold(self, false_match_rate: float) -> float:
        """The similarity from which two images count as one person at this false match rate.

        Raises ValueError for a rate outside (0, 1).
        """
        return self.impostors.threshold(false_match_rate)

    def identification_threshold(self, gallery_faces: int, false_positive_rate: float) -> float:
        """The similarity from which a probe counts as somebody among `gallery_faces` faces.

        A stranger is compared with every face, so the rate of one comparison must be so small
        that the chance of any match stays at `false_positive_rate`; comparisons are taken as
        independent, which is the strict side. An empty gallery counts as one face. Raises
        ValueError for a rate outside (0, 1).
        """
        if not 0 < false_positive_rate < 1:
            raise ValueError(f"A rate lies between 0 and 1, not {false_positive_rate}.")
        comparisons = max(1, gallery_faces)
        return self.impostors.threshold(-math.expm1(math.log1p(-false_positive_rate) / comparisons))

    def false_match_rate(self, similarity: float) -> float:
        """The share of different-person pairs that are at least this alike."""
        return self.impostors.false_match_rate(similarity)
