"""What the gallery stores and answers; plain values, no database handles."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from bigbrother.face.engine.types import Box, Quality

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A model whose embeddings live in the gallery; embeddings of two models never compare."""

    id: int
    name: str
    version: str
    dimension: int


@dataclass(frozen=True, slots=True)
class Collection:
    """A named set of subjects that is searched as one."""

    id: UUID
    name: str
    description: str
    keep_crops: bool
    """Whether aligned crops of enrolled faces are kept (encrypted) for this collection."""
    retention: timedelta | None
    """How long a face is kept after enrolment; None keeps it until it is deleted."""
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Consent:
    """Why a subject may be held and matched."""

    legal_basis: str
    """One of consent, contract, legal-obligation, vital-interests, public-task,
    legitimate-interests. Source: GDPR, article 6 (1)."""
    purpose: str
    reference: str
    expires_at: datetime | None
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """A person of one collection, named by the application's own `external_id`."""

    id: UUID
    collection: str
    external_id: str
    name: str
    metadata: dict[str, Any]
    consent: Consent
    faces: int
    """Number of enrolled examples."""
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Face:
    """One enrolled example of a subject."""

    id: UUID
    external_id: str
    box: Box
    score: float
    quality: Quality
    image_sha256: str
    has_crop: bool
    models: tuple[str, ...]
    """`name@version` of every model that has an embedding of this face."""
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Match:
    """A subject that resembles the probe; its best example counts."""

    subject_id: UUID
    external_id: str
    name: str
    metadata: dict[str, Any]
    face_id: UUID
    similarity: float
    """Cosine similarity in [-1, 1]."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a listing; `next_cursor` is None on the last page."""

    items: tuple[T, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class IntegrityFinding:
    """One row of `SELECT * FROM verify_integrity()`."""

    code: str
    relation: str
    row_id: str
    detail: str


@dataclass(frozen=True, slots=True)
class GalleryCounts:
    """How much the gallery holds."""

    collections: int
    subjects: int
    faces: int
    embeddings: int
