"""What the face analyzer answers, typed. Fields that a newer service adds are ignored."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

LegalBasis = Literal[
    "consent",
    "contract",
    "legal-obligation",
    "vital-interests",
    "public-task",
    "legitimate-interests",
]
"""The grounds on which a person may be held. Source: GDPR, article 6 (1)."""
Point = tuple[float, float]
"""x, y in pixels of the upright image."""


class Result(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Box(Result):
    """A rectangle in pixels of the upright image; may reach over its edge."""

    x: float
    y: float
    width: float
    height: float


class Landmarks(Result):
    """Five points of a face; right and left are the subject's own."""

    right_eye: Point
    left_eye: Point
    nose: Point
    right_mouth: Point
    left_mouth: Point

    def points(self) -> tuple[Point, ...]:
        """All five, in the order of the fields."""
        return (self.right_eye, self.left_eye, self.nose, self.right_mouth, self.left_mouth)


class Quality(Result):
    """How usable a face is for recognition; every score in [0, 1], 1 is best."""

    size: float
    sharpness: float
    pose: float
    brightness: float
    overall: float
    reasons: tuple[str, ...] = ()


class Model(Result):
    """The model that computed an answer."""

    name: str
    version: str


class Problem(Result):
    """An error as the service words it. Source: RFC 9457."""

    type: str = ""
    title: str = ""
    status: int | None = None
    detail: str = ""
    remedy: str = ""
    request_id: str = ""
    reasons: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """The stable name that `type` ends with; empty for a problem without one."""
        prefix = "urn:bigbrother:problem:"
        return self.type.removeprefix(prefix) if self.type.startswith(prefix) else ""


class DetectedFace(Result):
    """One face of an analysed image."""

    box: Box
    score: float
    """The detector's confidence in [0, 1]."""
    landmarks: Landmarks | None = None
    quality: Quality | None = None
    embedding: tuple[float, ...] | None = Field(default=None, repr=False)
    """Unit length; the dot product of two is their cosine similarity."""


class ImageAnalysis(Result):
    """The faces of one image, or the reason why it was refused.

    The most prominent face comes first: large, and near the centre.
    """

    id: str | None = None
    """As it was given in a JSON request; files sent as they are have none."""
    width: int | None = None
    height: int | None = None
    faces_found: int = 0
    """Faces detected before `max_faces` cut the list."""
    faces: tuple[DetectedFace, ...] = ()
    error: Problem | None = None


class Analysis(Result):
    """The answer to one request for one or many images, in the order in which they were sent."""

    model: Model
    images: tuple[ImageAnalysis, ...]


class ComparedFace(Result):
    """The face that an image was compared by: its most prominent."""

    box: Box
    score: float
    quality: Quality | None = None


class Verification(Result):
    """Whether two images show the same person."""

    match: bool
    similarity: float
    """Cosine similarity in [-1, 1]."""
    threshold: float
    false_match_rate: float
    """Share of different-person pairs that reach the threshold."""
    face_a: ComparedFace
    face_b: ComparedFace
    model: Model


class Match(Result):
    """A subject that resembles the probe."""

    external_id: str
    name: str
    similarity: float
    face_id: str
    metadata: dict[str, Any] = {}


class ProbeFace(Result):
    """One face of the probe image and whom it resembles, best first; nobody: no matches."""

    box: Box
    score: float
    landmarks: Landmarks | None = None
    quality: Quality | None = None
    matches: tuple[Match, ...] = ()


class Identification(Result):
    """Who of a collection is in an image."""

    threshold: float
    false_positive_rate: float
    """Share of strangers that the threshold lets be recognised as somebody."""
    searched_faces: int
    model: Model
    faces: tuple[ProbeFace, ...]


class Collection(Result):
    """A named set of subjects that is searched as one."""

    name: str
    description: str = ""
    keep_crops: bool = False
    retention: str | None = None
    created_at: datetime


class Consent(Result):
    """Why a subject may be held and matched."""

    legal_basis: LegalBasis
    purpose: str
    reference: str
    expires_at: datetime | None = None
    """With a time zone; None never expires."""
    withdrawn_at: datetime | None = None

    def as_given(self) -> dict[str, Any]:
        """As it is recorded with a new subject: a consent begins without a withdrawal."""
        return self.model_dump(mode="json", exclude={"withdrawn_at"})


class Subject(Result):
    """A person of one collection, named by the application's own `external_id`."""

    external_id: str
    name: str = ""
    metadata: dict[str, Any] = {}
    consent: Consent
    faces: int = 0
    """Number of enrolled examples."""
    created_at: datetime
    updated_at: datetime


class EnrolledFace(Result):
    """One enrolled example of a subject."""

    id: str
    external_id: str
    box: Box
    score: float
    quality: Quality | None = None
    image_sha256: str
    has_crop: bool
    models: tuple[str, ...] = ()
    """`name@version` of every model that has an embedding of this face."""
    created_at: datetime


class ModelPack(Result):
    """A model pack of the service."""

    name: str
    version: str
    task: str = ""
    dimension: int
    licence: str = ""
    source: str = ""
    active: bool = False


class Token(Result):
    """A credential, without its secret."""

    id: str
    name: str
    role: str
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None


class NewToken(Token):
    """A credential just made; the secret is shown this once."""

    token: str = Field(repr=False)


class Check(Result):
    """One thing that the service looked at."""

    status: str
    detail: str = ""


class Health(Result):
    """What the service says of itself, after a real inference and a question to its database."""

    status: str
    checks: dict[str, Check] = {}
    version: str = ""
    uptime_seconds: float = 0.0

    @property
    def healthy(self) -> bool:
        """Whether every check passed."""
        return self.status == "healthy"
