"""/v1/collections/{collection}/subjects/{external_id}/faces: enrolled examples of a subject."""

import hashlib
from typing import Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Request, Response

from bigbrother.face.api.access import CropAccess, ReadAccess, WriteAccess
from bigbrother.face.api.database import Connection
from bigbrother.face.api.documentation import created, image_request, refusals
from bigbrother.face.api.errors import QualityTooLow, SeveralFaces
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
    prominent_face,
    read_upload,
    settings_text,
)
from bigbrother.face.api.paging import Paging
from bigbrother.face.api.schemas.gallery import (
    EnrolledFaceBody,
    EnrolRequest,
    EnrolSettings,
    Listing,
)
from bigbrother.face.api.schemas.parts import QualityBody
from bigbrother.face.api.services import Services
from bigbrother.face.engine.types import (
    AnalyzedFace,
    AnalyzeOptions,
    ImageAnalysis,
    Quality,
)
from bigbrother.face.gallery import faces, subjects
from bigbrother.kernel.errors import InvalidInput
from bigbrother.runbook.model import EnrolmentQuality

router = APIRouter(tags=["faces"])

_PATH = "/v1/collections/{collection}/subjects/{external_id}/faces"
_SHAPE = UploadShape(
    body=EnrolRequest,
    settings=EnrolSettings,
    image_fields=("image",),
    texts=lambda body: [body.image],
    settings_of=lambda body: EnrolSettings(prominent=body.prominent),
)
_SCORES = ("size", "sharpness", "pose", "brightness", "overall")


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
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Adds the face of an image as an example of the subject.

    Refused when the image shows no face or several, and when the face does not reach the
    runbook's `enrolment_quality`; the answer then says which scores fall short.
    """
    # Asked first: an image need not be analysed for a subject that does not exist.
    await services.database.run(lambda conn: subjects.get(conn, collection, external_id))
    with image_share(services) as share:
        upload = await read_upload(request, share, services, _SHAPE)
        image = upload.images[0]
        if isinstance(image, InvalidInput):
            raise image
        image_sha256 = hashlib.sha256(image).hexdigest()
        content = image_sha256.encode() + settings_text(upload.settings)
        keyed_request = keyed(request, idempotency_key, content, caller, services)
        repeated = await services.database.run(lambda conn: answered(conn, keyed_request))
        if repeated is not None:
            return repeated
        # Two are enough to know that there are several.
        options = AnalyzeOptions(embeddings=True, max_faces=1 if upload.settings.prominent else 2)
        found = await analyze_one(request, services, image, options)
    face = _chosen(found, prominent=upload.settings.prominent)
    check_quality(face.quality, services.runbook.enrolment_quality)

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
        subject = f"/v1/collections/{collection}/subjects/{quote(external_id, safe='')}"
        return Created(EnrolledFaceBody.of(made), f"{subject}/faces/{made.id}", face_id=made.id)

    return await services.database.run(lambda conn: create_once(conn, keyed_request, create))


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
    collection: str, external_id: str, face_id: UUID, services: Services, _caller: WriteAccess
) -> None:
    """Erases one example with its embeddings and crop."""
    await services.database.run(lambda conn: faces.delete(conn, collection, external_id, face_id))


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


def check_quality(quality: Quality, required: EnrolmentQuality) -> None:
    """Raises QualityTooLow, naming every score below the runbook's figure."""
    needed = {name: float(getattr(required, name)) for name in _SCORES}
    short = [name for name in _SCORES if getattr(quality, name) < needed[name]]
    if short:
        listed = ", ".join(f"{n} {getattr(quality, n):.2f} of {needed[n]:.2f}" for n in short)
        raise QualityTooLow(
            f"The face does not reach what enrolment needs: {listed}.",
            remedy="Send a larger, sharper, evenly lit photo of the face from the front.",
            reasons=list(quality.reasons) or [f"low-{name}" for name in short],
            quality=QualityBody.of(quality).model_dump(exclude={"reasons"}),
            required=needed,
        )


def _chosen(found: ImageAnalysis, *, prominent: bool) -> AnalyzedFace:
    face = prominent_face(found)
    if found.faces_found > 1 and not prominent:
        raise SeveralFaces(
            f"The image shows {found.faces_found} faces.",
            remedy="Send a photo of the subject alone, or prominent=true to take the most "
            "prominent face.",
        )
    return face
