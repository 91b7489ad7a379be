"""Batches that enrol: each image becomes an example of a subject."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from bigbrother.face.batch.audit_entries import entry_of
from bigbrother.face.batch.chunks import Chunk, Ended, Finding, Item
from bigbrother.face.batch.endings import Ending
from bigbrother.face.batch.outcomes import enrolment_answer, failure, success
from bigbrother.face.batch.records import BatchOptions, NewSubjectConsent
from bigbrother.face.batch.refusals import refusal_of
from bigbrother.face.batch.services import WorkerServices
from bigbrother.face.engine.types import AnalyzedFace, AnalyzeOptions, ImageAnalysis
from bigbrother.face.gallery import faces, subjects
from bigbrother.face.gallery.errors import FaceAlreadyEnrolled, SubjectExists, SubjectNotFound
from bigbrother.face.gallery.examples import example_face, faces_needed
from bigbrother.face.gallery.records import Consent, Face, Subject
from bigbrother.face.gallery.statements import GalleryConnection
from bigbrother.kernel.errors import BigBrotherError, Conflict, InvalidInput, NotFound
from bigbrother.telemetry.audit.results import ENROLLED, refused


@dataclass(frozen=True, slots=True)
class _Example:
    """What is to become an example of a subject."""

    collection: str
    external_id: str
    subject_name: str
    face: AnalyzedFace
    image_sha256: str


def engine_options(options: BatchOptions) -> AnalyzeOptions:
    """What the engine computes for it."""
    return AnalyzeOptions(embeddings=True, max_faces=faces_needed(prominent=options.prominent))


def finding(
    services: WorkerServices,
    chunk: Chunk,
    collection: str,
    item: Item,
    image: bytes,
    found: ImageAnalysis,
) -> Finding:
    """How the item ends; it enrols when it is ended. Raises NoFace, SeveralFaces, QualityTooLow."""
    quality = services.runbook.enrolment_quality
    request = chunk.seal.open_request(item.number, item.sealed_request)
    example = _Example(
        collection=collection,
        # Items without one were refused when the batch was taken in.
        external_id=request.external_id or "",
        subject_name=request.subject_name,
        face=example_face(found, quality, prominent=chunk.batch.options.prominent),
        image_sha256=hashlib.sha256(image).hexdigest(),
    )

    def end(conn: GalleryConnection, now: datetime) -> Ended:
        try:
            # A savepoint: a subject that was made for an image that is refused is not kept.
            with conn.transaction():
                return _enrol(services, conn, chunk, item, example, now)
        except (InvalidInput, NotFound, Conflict) as error:
            return refusal(chunk, item, error)

    return Finding(item.number, end, whom=example.external_id)


def refusal(chunk: Chunk, item: Item, error: BigBrotherError) -> Ended:
    """How an item ends that enrols nobody; the audit keeps that it was tried."""
    result = chunk.seal.result(item.number, failure(refusal_of(error)))
    return Ended(
        Ending(item.number, "failed", result),
        entry_of(chunk.batch, "enrol", (), refused(error.code)),
    )


def _enrol(
    services: WorkerServices,
    conn: GalleryConnection,
    chunk: Chunk,
    item: Item,
    example: _Example,
    now: datetime,
) -> Ended:
    consent = chunk.batch.options.new_subjects
    subject, created = _subject(services, conn, example, consent, now)
    face, already = _face(services, conn, example, now)
    answer = enrolment_answer(face, subject.id, already_enrolled=already, subject_created=created)
    result = chunk.seal.result(item.number, success(answer))
    told = refused(FaceAlreadyEnrolled.code) if already else ENROLLED
    return Ended(
        Ending(item.number, "succeeded", result, subjects=(subject.id,)),
        entry_of(chunk.batch, "enrol", (subject.id,), told, agreed=subject.consent.purpose),
    )


def _subject(
    services: WorkerServices,
    conn: GalleryConnection,
    example: _Example,
    consent: NewSubjectConsent | None,
    now: datetime,
) -> tuple[Subject, bool]:
    """Whose face it is, and whether it was made for it."""
    try:
        return subjects.get(conn, example.collection, example.external_id), False
    except SubjectNotFound:
        if consent is None:
            raise
    try:
        made = subjects.create(
            conn,
            example.collection,
            example.external_id,
            name=example.subject_name,
            metadata={},
            consent=Consent(
                consent.legal_basis, consent.purpose, consent.reference, consent.expires_at
            ),
            master_key=services.master_key,
            now=now,
        )
    except SubjectExists:
        # Somebody else made it a moment ago.
        return subjects.get(conn, example.collection, example.external_id), False
    return made, True


def _face(
    services: WorkerServices, conn: GalleryConnection, example: _Example, now: datetime
) -> tuple[Face, bool]:
    """The enrolled face, and whether it was enrolled before."""
    collection, external_id = example.collection, example.external_id
    try:
        enrolled = faces.enrol(
            conn,
            collection,
            external_id,
            example.face,
            image_sha256=example.image_sha256,
            model=services.model(conn),
            master_key=services.master_key,
            now=now,
        )
    except FaceAlreadyEnrolled:
        return faces.of_image(conn, collection, external_id, example.image_sha256), True
    return enrolled, False
