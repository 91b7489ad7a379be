"""POST /v1/verify: whether two images show the same person."""

import numpy as np
from fastapi import APIRouter, Request, Response

from bigbrother.face.api.access import AnalyzeAccess
from bigbrother.face.api.documentation import image_request, refusals
from bigbrother.face.api.image_requests import (
    UploadShape,
    analyze_images,
    image_share,
    json_answer,
    read_upload,
)
from bigbrother.face.api.schemas.images import (
    ComparedFace,
    NoSettings,
    VerifyAnswer,
    VerifyRequest,
)
from bigbrother.face.api.schemas.parts import ModelBody
from bigbrother.face.api.services import Services
from bigbrother.face.engine.types import AnalyzedFace, AnalyzeOptions
from bigbrother.face.gallery.examples import prominent_face
from bigbrother.kernel.errors import InvalidInput

router = APIRouter(tags=["images"])

_FIELDS = ("image_a", "image_b")
_SHAPE = UploadShape(
    body=VerifyRequest,
    settings=NoSettings,
    image_fields=_FIELDS,
    texts=lambda body: [body.image_a, body.image_b],
    settings_of=lambda _body: NoSettings(),
)


@router.post(
    "/v1/verify",
    summary="Compare two images",
    response_model=VerifyAnswer,
    responses=refusals(400, 401, 403, 408, 413, 415, 422, 503),
    openapi_extra=image_request(VerifyRequest, NoSettings, _FIELDS),
)
async def verify(request: Request, services: Services, _caller: AnalyzeAccess) -> Response:
    """Compares the most prominent face of each image.

    The threshold follows from the runbook's `verification_false_match_rate`; a search in a
    collection needs another one, which identify computes.
    """
    with image_share(services) as share:
        upload = await read_upload(request, share, services, _SHAPE)
        found = await analyze_images(
            request, services, upload.images, AnalyzeOptions(embeddings=True, max_faces=1)
        )
    faces: list[AnalyzedFace] = []
    for name, one in zip(_FIELDS, found, strict=True):
        if isinstance(one, InvalidInput):
            one.detail = f"{name}: {one.detail}"
            raise one
        faces.append(prominent_face(one, name))
    rate = services.runbook.matching.verification_false_match_rate.value
    threshold = services.manifest.verification_threshold(rate)
    similarity = _similarity(*faces)
    return await json_answer(
        services,
        lambda: VerifyAnswer(
            match=similarity >= threshold,
            similarity=similarity,
            threshold=threshold,
            false_match_rate=rate,
            face_a=ComparedFace.of(faces[0]),
            face_b=ComparedFace.of(faces[1]),
            model=ModelBody.of(services.manifest),
        ),
    )


def _similarity(a: AnalyzedFace, b: AnalyzedFace) -> float:
    if a.embedding is None or b.embedding is None:
        raise ValueError("Both faces need embeddings.")
    return float(np.clip(a.embedding @ b.embedding, -1.0, 1.0))
