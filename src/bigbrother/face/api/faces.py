"""/v1/collections/{collection}/subjects/{external_id}/faces: enrolled examples of a subject."""

import hashlib
from typing import Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Request, Response

from bigbrother.face.api.access import CropAccess, ReadAccess, WriteAccess
from bigbrother.face.api.database import Connection
from bigbrother.face.api.documentation import created, image_request, refusals
from bigbrother.face.api.idempotency import (
    Created,
    IdempotencyKey,
    answered,
    create_once,
    keyed,
)
from bigbrother.face.api.image_requests import (
    UploadShape,
    analyze_one,
    image_share,
    read_upload,
    settings_text,
)
from bigbrother.face.api.paging import Paging
from bigbrother.face.api.purpose import Purpose
from bigbrother.face.api.recording import Recorder, recorder
from bigbrother.face.api.schemas.gallery import (
    EnrolledFaceBody,
    EnrolRequest,
    EnrolSettings,
    Listing,
)
from bigbrother.face.api.services import FaceServices, Services
from bigbrother.face.batch import erasure
from bigbrother.face.engine.types import AnalyzeOptions
from bigbrother.face.gallery import collections, faces, subjects
from bigbrother.face.gallery.errors import ConsentNotInForce, FaceAlreadyEnrolled
from bigbrother.face.gallery.examples import example_face, faces_needed
from bigbrother.face.gallery.records import Collection, Subject
from bigbrother.kernel.errors import BigBrotherError, InvalidInput
from bigbrother.telemetry.audit.results import ENROLLED, refused

router = APIRouter(tags=["faces"])

_PATH = "/v1/collections/{collection}/subjects/{external_id}/faces"
_SHAPE = UploadShape(
    body=EnrolRequest,
    settings=EnrolSettings,
    image_fields=("image",),
    texts=lambda body: [body.image],
    settings_of=lambda body: EnrolSettings(prominent=body.prominent),
)


@router.post(
    _PATH,
    summary="Enrol a face",
    status_code=201,
    response_model=EnrolledFaceBody,
    responses=created(refusals(400, 401, 403, 404, 408, 409, 413, 415, 422, 503)),
    openapi_extra=image_request(EnrolRequest, EnrolSettings, ("image",)),
)
async def enrol_face(
    request: Request,
    collection: str,
    external_id: str,
    services: Services,
    caller: WriteAccess,
    purpose: Purpose,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Adds the face of an image as an example of the subject.

    Refused when the image shows no face or several, and when the face does not reach the
    runbook's `enrolment_quality`; the answer then says which scores fall short.
    """
    # Asked first: an image need not be analysed for a subject that does not exist.
    within, subject = await services.database.run(
        lambda conn: _whose(conn, collection, external_id)
    )
    by = recorder(request, services, caller, purpose or subject.consent.purpose)
    with image_share(services) as share:
        upload = await read_upload(request, share, services, _SHAPE)
        image = upload.images[0]
        if isinstance(image, InvalidInput):
            await _record_refusal(services, by, within, subject, image)
            raise image
        image_sha256 = hashlib.sha256(image).hexdigest()
        content = image_sha256.encode() + settings_text(upload.settings)
        keyed_request = keyed(request, idempotency_key, content, caller, services)
        repeated = await services.database.run(lambda conn: answered(conn, keyed_request))
        if repeated is not None:
            return repeated
        prominent = upload.settings.prominent
        options = AnalyzeOptions(embeddings=True, max_faces=faces_needed(prominent=prominent))
        try:
            found = await analyze_one(request, services, image, options)
            required = services.runbook.enrolment_quality
            face = example_face(found, required, prominent=prominent)
        except InvalidInput as refusal:
            await _record_refusal(services, by, within, subject, refusal)
            raise

    def create(conn: Connection) -> Created:
        made = faces.enrol(
            conn,
            collection,
            external_id,
            face,
            image_sha256=image_sha256,
            model=services.model(conn),
            master_key=services.master_key,
            now=services.clock.now(),
        )
        # Read again: somebody may have erased the subject and made it anew since.
        _record(conn, by, *_whose(conn, collection, external_id), ENROLLED)
        location = f"/v1/collections/{collection}/subjects/{quote(external_id, safe='')}"
        return Created(EnrolledFaceBody.of(made), f"{location}/faces/{made.id}", face_id=made.id)

    try:
        return await services.database.run(lambda conn: create_once(conn, keyed_request, create))
    except (ConsentNotInForce, FaceAlreadyEnrolled) as refusal:
        await _record_refusal(services, by, within, subject, refusal)
        raise


@router.get(
    _PATH,
    summary="List a subject's faces",
    response_model=Listing[EnrolledFaceBody],
    responses=refusals(401, 403, 404, 422, 503),
)
async def list_faces(
    collection: str, external_id: str, services: Services, _caller: ReadAccess, paging: Paging
) -> Listing[EnrolledFaceBody]:
    """Every enrolled example of the subject, in the order of enrolment."""
    page = await services.database.run(
        lambda conn: faces.page(
            conn, collection, external_id, cursor=paging.cursor, limit=paging.limit
        )
    )
    return Listing(items=[*map(EnrolledFaceBody.of, page.items)], next_cursor=page.next_cursor)


@router.delete(
    f"{_PATH}/{{face_id}}",
    summary="Erase a face",
    status_code=204,
    responses=refusals(401, 403, 404, 422, 503),
)
async def delete_face(
    request: Request,
    collection: str,
    external_id: str,
    face_id: UUID,
    services: Services,
    caller: WriteAccess,
    purpose: Purpose,
) -> None:
    """Erases one example with its embeddings and crop, and what batches hold of its image."""
    by = recorder(request, services, caller, purpose)

    def erase(conn: Connection) -> None:
        done = erasure.erase_face(
            conn,
            collection,
            external_id,
            face_id,
            ledger=services.ledger,
            now=services.clock.now(),
        )
        by.record_erasure(conn, done)

    try:
        await services.database.run(erase)
    finally:
        services.gallery_changed(collection)


_PNG: dict[str, Any] = {"image/png": {"schema": {"type": "string", "format": "binary"}}}


@router.get(
    f"{_PATH}/{{face_id}}/crop",
    summary="Get a face's crop",
    response_class=Response,
    responses={
        200: {"description": "The aligned crop.", "content": _PNG},
        **refusals(401, 403, 404, 422, 503),
    },
)
async def get_crop(
    collection: str, external_id: str, face_id: UUID, services: Services, _caller: CropAccess
) -> Response:
    """The aligned crop as PNG, where the collection keeps crops."""
    png = await services.database.run(
        lambda conn: faces.crop(
            conn, collection, external_id, face_id, master_key=services.master_key
        )
    )
    return Response(png, media_type="image/png")


def _whose(conn: Connection, collection: str, external_id: str) -> tuple[Collection, Subject]:
    return collections.get(conn, collection), subjects.get(conn, collection, external_id)


def _record(
    conn: Connection, by: Recorder, within: Collection, subject: Subject, result: str
) -> None:
    by.record(conn, "enrol", collection_id=within.id, subject_ids=[subject.id], result=result)


async def _record_refusal(
    services: FaceServices,
    by: Recorder,
    within: Collection,
    subject: Subject,
    refusal: BigBrotherError,
) -> None:
    """In a transaction of its own: the one that was refused left nothing."""
    result = refused(refusal.code)
    await services.database.run(lambda conn: _record(conn, by, within, subject, result))
