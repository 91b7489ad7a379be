"""People for the gallery's tests: faces without photographs, consent, the usual calls."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from bigbrother.face.engine.types import AnalyzedFace, Box, Quality
from bigbrother.face.gallery import collections, erasure, faces, subjects
from bigbrother.face.gallery.records import Consent, Face, Match, ModelVersion, Subject
from bigbrother.face.gallery.search import identify
from bigbrother.face.gallery.statements import GalleryConnection
from bigbrother.security.keys import MasterKey
from tests.gallery_crowd import unit

NOW = datetime(2030, 1, 15, 12, tzinfo=UTC)
MASTER_KEY = MasterKey(bytes(range(32)))
CONSENT = Consent("consent", "entrance", "form 7", expires_at=None)
Vector = NDArray[np.float32]


def vectors(model: ModelVersion, count: int, seed: int = 0) -> Vector:
    """Shape [count, dimension]: seeded random unit vectors."""
    return unit(np.random.default_rng(seed).standard_normal((count, model.dimension)))


def face_of(embedding: Vector) -> AnalyzedFace:
    """An analysed face with this embedding and a crop that differs with it."""
    seed = int.from_bytes(hashlib.sha256(embedding.tobytes()).digest()[:8], "big")
    crop = np.random.default_rng(seed).integers(0, 256, (112, 112, 3), dtype=np.uint8)
    quality = Quality(0.9, 0.8, 0.7, 0.6, 0.5, ("blurred", "too-dark"))
    landmarks = np.zeros((5, 2), np.float32)
    return AnalyzedFace(Box(-1.5, 2.25, 30.0, 40.0), 0.97, landmarks, quality, embedding, crop)


def digest_of(embedding: Vector) -> str:
    """The SHA-256 that the photograph would have."""
    return hashlib.sha256(embedding.tobytes()).hexdigest()


def new_collection(
    conn: GalleryConnection,
    name: str = "staff",
    *,
    description: str = "",
    keep_crops: bool = False,
    retention: timedelta | None = None,
) -> str:
    made = collections.create(
        conn,
        name,
        description=description,
        keep_crops=keep_crops,
        retention=retention,
        now=NOW,
    )
    return made.name


def new_subject(
    conn: GalleryConnection,
    external_id: str,
    *,
    collection: str = "staff",
    consent: Consent = CONSENT,
    metadata: dict[str, Any] | None = None,
) -> Subject:
    return subjects.create(
        conn,
        collection,
        external_id,
        name=f"Name of {external_id}",
        metadata=metadata or {},
        consent=consent,
        master_key=MASTER_KEY,
        now=NOW,
    )


def enrol(
    conn: GalleryConnection,
    external_id: str,
    embedding: Vector,
    model: ModelVersion,
    *,
    collection: str = "staff",
    now: datetime = NOW,
) -> Face:
    return faces.enrol(
        conn,
        collection,
        external_id,
        face_of(embedding),
        image_sha256=digest_of(embedding),
        model=model,
        master_key=MASTER_KEY,
        now=now,
    )


def without_embedding(face: AnalyzedFace) -> AnalyzedFace:
    return replace(face, embedding=None)


def found(
    conn: GalleryConnection,
    probe: Vector,
    model: ModelVersion,
    *,
    collection: str = "staff",
    threshold: float = 0.5,
    limit: int = 5,
    exact_search_below: int = 1000,
    now: datetime = NOW,
) -> tuple[Match, ...]:
    """Whom identification finds, with a small gallery's usual arguments."""
    return identify(
        conn,
        collection,
        probe,
        model=model,
        threshold=threshold,
        limit=limit,
        exact_search_below=exact_search_below,
        index_search_width=40,
        now=now,
    )


def forget_collection(conn: GalleryConnection, name: str) -> None:
    """What an erasure does to the gallery alone."""
    erasure.one_at_a_time(conn)
    erasure.destroy_collection(conn, collections.get(conn, name).id)


def forget_subject(conn: GalleryConnection, collection: str, external_id: str) -> None:
    """What an erasure does to the gallery alone."""
    erasure.one_at_a_time(conn)
    erasure.destroy_subject(conn, subjects.get(conn, collection, external_id).id)


def forget_face(conn: GalleryConnection, collection: str, external_id: str, face_id: UUID) -> None:
    """What an erasure does to the gallery alone."""
    erasure.one_at_a_time(conn)
    face = faces.get(conn, collection, external_id, face_id)
    erasure.destroy_face(conn, subjects.get(conn, collection, external_id).id, face.id)
