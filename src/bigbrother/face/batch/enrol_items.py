"""Batches that enrol: each image becomes an example of a subject."""

import hashlib
from datetime import datetime

from bigbrother.face.batch.audit_entries import entry_of
from bigbrother.face.batch.chunks import Chunk, Ended, Finding, Item
from bigbrother.face.batch.endings import Ending
from bigbrother.face.batch.outcomes import enrolment_answer, failure, success
from bigbrother.face.batch.records import BatchOptions
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
    face = example_face(found, quality, prominent=chunk.batch.options.prominent)
    digest = hashlib.sha256(image).hexdigest()
    request = chunk.seal.open_request(item.number, item.sealed_request)

    def end(conn: GalleryConnection, now: datetime) -> Ended:
        try:
            # A savepoint: a subject that was made for an image that is refused is not kept.
            with conn.transaction():
                return _enrol(services, conn, chunk, item, request, face, digest, now)
        except (InvalidInput, NotFound, Conflict) as error:
            return refusal(chunk, item, error)

    return Finding(item.number, end, whom=_external_id(request))


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
    collection: str,
    item: Item,
    face: AnalyzedFace,
    digest: str,
    now: datetime,
) -> Ended:
    subject, created = _subject(services, conn, chunk, collection, item, now)
    enrolled, already = _face(services, conn, collection, subject, face, digest, now)
    answer = enrolment_answer(
        enrolled, subject.id, already_enrolled=already, subject_created=created
    )
    result = chunk.seal.result(item.number, success(answer))
    return Ended(
        Ending(item.number, "succeeded", result, subjects=(subject.id,)),
        entry_of(
            chunk.batch,
            "enrol",
            (subject.id,),
            refused(FaceAlreadyEnrolled.code) if already else ENROLLED,
        ),
    )


def _subject(
    services: WorkerServices,
    conn: GalleryConnection,
    chunk: Chunk,
    collection: str,
    item: Item,
    now: datetime,
) -> tuple[Subject, bool]:
    external_id = _external_id(item)
    consent = chunk.batch.options.new_subjects
    try:
        return subjects.get(conn, collection, external_id), False
    except SubjectNotFound:
        if consent is None:
            raise
    given = Consent(consent.legal_basis, consent.purpose, consent.reference, consent.expires_at)
    try:
        made = subjects.create(
            conn,
            collection,
            external_id,
            name=item.request.subject_name,
            metadata={},
            consent=given,
            master_key=services.master_key,
            now=now,
        )
    except SubjectExists:
        # Somebody else made it a moment ago.
        return subjects.get(conn, collection, external_id), False
    return made, True


def _face(
    services: WorkerServices,
    conn: GalleryConnection,
    collection: str,
    subject: Subject,
    face: AnalyzedFace,
    digest: str,
    now: datetime,
) -> tuple[Face, bool]:
    try:
        enrolled = faces.enrol(
            conn,
            collection,
            subject.external_id,
            face,
            image_sha256=digest,
            model=services.model(conn),
            master_key=services.master_key,
            now=now,
        )
    except FaceAlreadyEnrolled:
        return faces.of_image(conn, collection, subject.external_id, digest), True
    return enrolled, False


def _external_id(item: Item) -> str:
    # Items without one were refused when the batch was taken in.
    return item.request.external_id or ""
