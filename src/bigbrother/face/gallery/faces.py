"""Faces: the enrolled examples of a subject, with their embeddings and sealed crops."""

import io
from datetime import UTC, datetime
from uuid import UUID

from PIL import Image as PillowImage

from bigbrother.face.engine.types import AnalyzedFace, Box, Image, Quality
from bigbrother.face.gallery import collections, given, model_versions, paging, subjects
from bigbrother.face.gallery.errors import (
    CropNotKept,
    FaceAlreadyEnrolled,
    FaceNotFound,
    InvalidEmbedding,
)
from bigbrother.face.gallery.records import Face, ModelVersion, Page
from bigbrother.face.gallery.statements import GalleryConnection, Row, load, row, rows
from bigbrother.face.gallery.vectors import vector_text
from bigbrother.kernel.ids import new_id
from bigbrother.security.keys import MasterKey, open_sealed, seal

_SQL = load("faces")


def enrol(
    conn: GalleryConnection,
    collection: str,
    external_id: str,
    face: AnalyzedFace,
    *,
    image_sha256: str,
    model: ModelVersion,
    master_key: MasterKey,
    now: datetime,
) -> Face:
    """Stores one example of a subject: face, embedding and, if the collection keeps it, the crop.

    Raises CollectionNotFound, SubjectNotFound, ConsentNotInForce, InvalidEmbedding,
    InvalidImageDigest, and FaceAlreadyEnrolled when this image was enrolled for this subject
    before.
    """
    if face.embedding is None:
        raise InvalidEmbedding(
            "The face has no embedding.", remedy="Analyse the image with embeddings."
        )
    embedding = vector_text(face.embedding, model)
    digest = given.image_digest(image_sha256)
    within = collections.hold(conn, collection)
    subject = subjects.hold(conn, within, external_id, now=now)
    identifier = new_id(now)
    values = _values(face) | {"id": identifier, "subject_id": subject, "now": now}
    if row(conn, _SQL["create"], values | {"image_sha256": digest}) is None:
        raise FaceAlreadyEnrolled(
            f"This image is enrolled for '{external_id}' already.",
            remedy="Send another photograph; the one that is there is kept.",
        )
    conn.execute(
        model_versions.compose(_SQL["store_embedding"], model),
        {
            "face_id": identifier,
            "subject_id": subject,
            "collection_id": within.id,
            "embedding": embedding,
        },
    )
    if within.keep_crops:
        key = subjects.key(conn, subject, master_key)
        sealed = seal(key, _png(face.crop), _crop_context(identifier))
        conn.execute(_SQL["store_crop"], {"face_id": identifier, "sealed_png": sealed})
    return Face(
        id=identifier,
        external_id=external_id,
        box=face.box,
        score=face.score,
        quality=face.quality,
        image_sha256=image_sha256,
        has_crop=within.keep_crops,
        models=(f"{model.name}@{model.version}",),
        created_at=now,
    )


def get(conn: GalleryConnection, collection: str, external_id: str, face_id: UUID) -> Face:
    """One example of a subject; raises CollectionNotFound, SubjectNotFound, FaceNotFound."""
    found = _existing(conn, "get", collection, external_id, face_id)
    return _faces(conn, [found], external_id)[0]


def of_image(conn: GalleryConnection, collection: str, external_id: str, image_sha256: str) -> Face:
    """The example that came from this image; raises as `get` does, and InvalidImageDigest."""
    subject = subjects.get(conn, collection, external_id)
    digest = given.image_digest(image_sha256)
    found = row(conn, _SQL["of_image"], {"subject_id": subject.id, "image_sha256": digest})
    if found is None:
        raise FaceNotFound(
            f"'{external_id}' has no face of this image.", remedy="List the subject's faces."
        )
    return _faces(conn, [found], external_id)[0]


def page(
    conn: GalleryConnection, collection: str, external_id: str, *, cursor: str | None, limit: int
) -> Page[Face]:
    """Examples of a subject in the order in which they were enrolled.

    Raises CollectionNotFound, SubjectNotFound, InvalidCursor.
    """
    begin, fetch = paging.after(cursor), paging.fetch_limit(limit)
    subject = subjects.get(conn, collection, external_id)
    found = rows(conn, _SQL["page"], {"subject_id": subject.id, "after": begin, "limit": fetch})
    return paging.page(_faces(conn, found, external_id), limit)


def crop(
    conn: GalleryConnection,
    collection: str,
    external_id: str,
    face_id: UUID,
    *,
    master_key: MasterKey,
) -> bytes:
    """The aligned face as PNG.

    Raises as `get` does, CropNotKept, and SealBroken under another master key.
    """
    sealed = _existing(conn, "crop", collection, external_id, face_id)["sealed_png"]
    if sealed is None:
        raise CropNotKept(
            "No crop of this face was kept.",
            remedy="Crops are kept of faces enrolled into a collection with keep_crops.",
        )
    subject = subjects.get(conn, collection, external_id)
    key = subjects.key(conn, subject.id, master_key)
    return open_sealed(key, sealed, _crop_context(face_id))


def _existing(
    conn: GalleryConnection, statement: str, collection: str, external_id: str, face_id: UUID
) -> Row:
    subject = subjects.get(conn, collection, external_id)
    found = row(conn, _SQL[statement], {"subject_id": subject.id, "face_id": face_id})
    if found is None:
        raise FaceNotFound(
            f"'{external_id}' has no face {face_id}.", remedy="List the subject's faces."
        )
    return found


def _crop_context(face_id: UUID) -> bytes:
    return b"crop:" + face_id.bytes


def _png(image: Image) -> bytes:
    buffer = io.BytesIO()
    PillowImage.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()


def _values(face: AnalyzedFace) -> Row:
    box, quality = face.box, face.quality
    return {
        "x": box.x,
        "y": box.y,
        "width": box.width,
        "height": box.height,
        "score": face.score,
        "size": quality.size,
        "sharpness": quality.sharpness,
        "pose": quality.pose,
        "brightness": quality.brightness,
        "overall": quality.overall,
        "reasons": list(quality.reasons),
    }


def _faces(conn: GalleryConnection, found: list[Row], external_id: str) -> list[Face]:
    models = model_versions.of_faces(conn, [one["id"] for one in found])
    return [
        Face(
            id=one["id"],
            external_id=external_id,
            box=Box(one["box_x"], one["box_y"], one["box_width"], one["box_height"]),
            score=one["score"],
            quality=Quality(
                size=one["quality_size"],
                sharpness=one["quality_sharpness"],
                pose=one["quality_pose"],
                brightness=one["quality_brightness"],
                overall=one["quality_overall"],
                reasons=tuple(one["quality_reasons"]),
            ),
            image_sha256=one["image_sha256"].hex(),
            has_crop=one["has_crop"],
            models=models[one["id"]],
            created_at=one["created_at"].astimezone(UTC),
        )
        for one in found
    ]
