"""How an item ended, in the words of the HTTP interface: what is sealed as its result.

A test compares these bodies with the interface's own schemas, which this room may not import.
"""

from typing import Any
from uuid import UUID

from bigbrother.face.batch.records import Refusal
from bigbrother.face.engine.embed import written
from bigbrother.face.engine.types import AnalyzedFace, Box, ImageAnalysis, Quality
from bigbrother.face.gallery.records import Face, Match
from bigbrother.models.manifest import Manifest

Answer = dict[str, Any]
_LANDMARKS = ("right_eye", "left_eye", "nose", "right_mouth", "left_mouth")


def success(answer: Answer) -> dict[str, Any]:
    """The result of an item that succeeded."""
    return {"answer": answer, "refusal": None}


def failure(refusal: Refusal) -> dict[str, Any]:
    """The result of an item that failed."""
    words = {
        "code": refusal.code,
        "title": refusal.title,
        "detail": refusal.detail,
        "remedy": refusal.remedy,
    }
    return {"answer": None, "refusal": words}


def analysis_answer(found: ImageAnalysis) -> Answer:
    """One entry of what /v1/analyze answers."""
    return {
        "width": found.width,
        "height": found.height,
        "faces_found": found.faces_found,
        "faces": [_analyzed_face(face) for face in found.faces],
    }


def identification_answer(
    *,
    threshold: float,
    false_positive_rate: float,
    searched_faces: int,
    manifest: Manifest,
    faces: list[tuple[AnalyzedFace, tuple[Match, ...]]],
) -> Answer:
    """What identify answers; of each match the identifiers only: names may change, or be erased."""
    return {
        "threshold": threshold,
        "false_positive_rate": false_positive_rate,
        "searched_faces": searched_faces,
        "model": {"name": manifest.name, "version": manifest.version},
        "faces": [
            {**_described(face), "matches": [_match(match) for match in matches]}
            for face, matches in faces
        ],
    }


def enrolment_answer(
    face: Face, subject_id: UUID, *, already_enrolled: bool, subject_created: bool
) -> Answer:
    """What enrolling a face answers, with the subject's identifier in the place of its name."""
    return {
        "id": str(face.id),
        "subject_id": str(subject_id),
        "box": _box(face.box),
        "score": face.score,
        "quality": _quality(face.quality),
        "image_sha256": face.image_sha256,
        "has_crop": face.has_crop,
        "models": list(face.models),
        "created_at": face.created_at.isoformat().replace("+00:00", "Z"),
        "already_enrolled": already_enrolled,
        "subject_created": subject_created,
    }


def _match(match: Match) -> Answer:
    return {
        "subject_id": str(match.subject_id),
        "face_id": str(match.face_id),
        "similarity": match.similarity,
    }


def _analyzed_face(face: AnalyzedFace) -> Answer:
    if face.embedding is None:
        return _described(face)
    return {**_described(face), "embedding": written(face.embedding)}


def _described(face: AnalyzedFace) -> Answer:
    points = face.landmarks.tolist()
    return {
        "box": _box(face.box),
        "score": face.score,
        "landmarks": dict(zip(_LANDMARKS, points, strict=True)),
        "quality": _quality(face.quality),
    }


def _box(box: Box) -> Answer:
    return {"x": box.x, "y": box.y, "width": box.width, "height": box.height}


def _quality(quality: Quality) -> Answer:
    return {
        "size": quality.size,
        "sharpness": quality.sharpness,
        "pose": quality.pose,
        "brightness": quality.brightness,
        "overall": quality.overall,
        "reasons": list(quality.reasons),
    }
