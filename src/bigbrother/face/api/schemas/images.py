"""Bodies of analyze, verify and identify."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field

from bigbrother.face.api.schemas.parts import (
    WHITE_PIXEL,
    AnswerBody,
    Base64,
    BoxBody,
    ModelBody,
    Problem,
    QualityBody,
    RequestBody,
    ShortText,
)
from bigbrother.face.engine.embed import written
from bigbrother.face.engine.types import AnalyzedFace
from bigbrother.face.gallery.records import Match

Point = tuple[float, float]
Positive = Annotated[int, Field(ge=1, le=1_000_000)]


class AnalyzeSettings(RequestBody):
    """What to compute for each image."""

    embeddings: bool = False
    quality: bool = True
    landmarks: bool = True
    max_faces: Positive | None = Field(default=None, description="Keep the most prominent only.")
    min_size_pixels: float = Field(
        default=0.0,
        ge=0,
        le=100_000,
        description="Leave out faces whose shorter side is below this.",
    )


class GivenImage(RequestBody):
    """One image of a request."""

    id: ShortText | None = Field(default=None, description="Comes back with the image's faces.")
    data: Base64


class AnalyzeRequest(RequestBody):
    """One or many images."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "images": [{"id": "door-1", "data": WHITE_PIXEL}],
                    "options": {"embeddings": True, "max_faces": 10},
                }
            ]
        }
    )

    images: list[GivenImage] = Field(min_length=1)
    options: AnalyzeSettings = AnalyzeSettings()


class LandmarksBody(AnswerBody):
    """Five points in pixels of the upright image; right and left are the subject's own."""

    right_eye: Point
    left_eye: Point
    nose: Point
    right_mouth: Point
    left_mouth: Point

    @classmethod
    def of(cls, face: AnalyzedFace) -> "LandmarksBody":
        """The body of a record."""
        points = [tuple(point) for point in face.landmarks.tolist()]
        return cls(**dict(zip(cls.model_fields, points, strict=True)))


class FaceBody(AnswerBody):
    """One face of an image."""

    box: BoxBody
    score: float = Field(ge=0, le=1, description="The detector's confidence.")
    landmarks: LandmarksBody | None = None
    quality: QualityBody | None = None
    embedding: list[float] | None = Field(
        default=None,
        description="Unit length; the dot product of two of one model is their similarity.",
    )

    @classmethod
    def of(cls, face: AnalyzedFace, wanted: AnalyzeSettings) -> "FaceBody":
        """The body of a record, with the parts that were asked for."""
        parts: dict[str, Any] = {}
        if wanted.landmarks:
            parts["landmarks"] = LandmarksBody.of(face)
        if wanted.quality:
            parts["quality"] = QualityBody.of(face.quality)
        if face.embedding is not None:
            parts["embedding"] = written(face.embedding)
        return cls(box=BoxBody.of(face.box), score=face.score, **parts)


class AnalyzedImage(AnswerBody):
    """The faces of one image, most prominent first; or `error`, why it was refused."""

    id: str | None
    width: int | None
    height: int | None
    faces_found: int = Field(description="Before max_faces cut the list.")
    faces: list[FaceBody]
    error: Problem | None


class AnalyzeAnswer(AnswerBody):
    """One entry an image, in the order in which they were sent."""

    model: ModelBody
    images: list[AnalyzedImage]


class VerifyRequest(RequestBody):
    """Two images, each with the person's face as its most prominent."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"image_a": WHITE_PIXEL, "image_b": WHITE_PIXEL}]}
    )

    image_a: Base64
    image_b: Base64


class NoSettings(RequestBody):
    """A form that takes images only."""


class ComparedFace(AnswerBody):
    """The face by which an image was compared."""

    box: BoxBody
    score: float
    quality: QualityBody

    @classmethod
    def of(cls, face: AnalyzedFace) -> "ComparedFace":
        """The body of a record."""
        return cls(box=BoxBody.of(face.box), score=face.score, quality=QualityBody.of(face.quality))


class VerifyAnswer(AnswerBody):
    """Whether two images show the same person."""

    match: bool
    similarity: float = Field(description="Cosine similarity in [-1, 1].")
    threshold: float
    false_match_rate: float = Field(
        description="Share of different-person pairs that reach the threshold."
    )
    face_a: ComparedFace
    face_b: ComparedFace
    model: ModelBody


class IdentifySettings(RequestBody):
    """How much to answer."""

    limit: Positive | None = Field(default=None, description="Most matches for each face.")
    max_faces: Positive | None = Field(default=None, description="Search the most prominent only.")


class IdentifyRequest(IdentifySettings):
    """An image to search a collection with."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"image": WHITE_PIXEL, "limit": 3}]})

    image: Base64


class MatchBody(AnswerBody):
    """A subject that resembles the face."""

    external_id: str
    name: str
    similarity: float
    face_id: UUID
    metadata: dict[str, Any]

    @classmethod
    def of(cls, match: Match) -> "MatchBody":
        """The body of a record."""
        return cls(
            external_id=match.external_id,
            name=match.name,
            similarity=match.similarity,
            face_id=match.face_id,
            metadata=match.metadata,
        )


class ProbeFace(ComparedFace):
    """One face of the image and whom it resembles, best first; a stranger has no matches."""

    landmarks: LandmarksBody
    matches: list[MatchBody]


class IdentifyAnswer(AnswerBody):
    """Who of a collection is in an image."""

    threshold: float = Field(description="Depends on how many faces the collection holds.")
    false_positive_rate: float = Field(
        description="Share of strangers that the threshold lets be recognised as somebody."
    )
    searched_faces: int = Field(description="Faces in force that the search competes with.")
    model: ModelBody
    faces: list[ProbeFace]
