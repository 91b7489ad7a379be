"""POST /v1/analyze: the faces of one or many images."""

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
from bigbrother.face.api.problems import problem_of
from bigbrother.face.api.schemas.images import (
    AnalyzeAnswer,
    AnalyzedImage,
    AnalyzeRequest,
    AnalyzeSettings,
    FaceBody,
)
from bigbrother.face.api.schemas.parts import ModelBody, Problem
from bigbrother.face.api.services import Services
from bigbrother.face.engine.types import AnalyzeOptions, ImageAnalysis
from bigbrother.kernel.errors import InvalidInput

router = APIRouter(tags=["images"])

_SHAPE = UploadShape(
    body=AnalyzeRequest,
    settings=AnalyzeSettings,
    image_fields=("image",),
    texts=lambda body: [image.data for image in body.images],
    settings_of=lambda body: body.options,
    repeated=True,
)


@router.post(
    "/v1/analyze",
    summary="Find the faces of images",
    response_model=AnalyzeAnswer,
    responses=refusals(400, 401, 403, 408, 413, 415, 422, 503),
    openapi_extra=image_request(AnalyzeRequest, AnalyzeSettings, ("image",), repeated=True),
)
async def analyze(request: Request, services: Services, _caller: AnalyzeAccess) -> Response:
    """Finds, describes and optionally embeds every face.

    A single image that is refused is a 4xx. Among several, the refused one carries `error` and
    the others their faces.
    """
    with image_share(services) as share:
        upload = await read_upload(request, share, services, _SHAPE)
        wanted = upload.settings
        options = AnalyzeOptions(
            embeddings=wanted.embeddings,
            max_faces=wanted.max_faces,
            min_size_pixels=wanted.min_size_pixels,
        )
        found = await analyze_images(request, services, upload.images, options)
        ids = [None] * len(found) if upload.body is None else [i.id for i in upload.body.images]
    if len(found) == 1 and isinstance(found[0], InvalidInput):
        raise found[0]
    request_id: str = request.state.request_id
    return await json_answer(
        services,
        lambda: AnalyzeAnswer(
            model=ModelBody.of(services.manifest),
            images=[
                _image(image_id, one, wanted, request_id)
                for image_id, one in zip(ids, found, strict=True)
            ],
        ),
        unset=False,
    )


def _image(
    image_id: str | None,
    found: ImageAnalysis | InvalidInput,
    wanted: AnalyzeSettings,
    request_id: str,
) -> AnalyzedImage:
    if isinstance(found, InvalidInput):
        return AnalyzedImage(
            id=image_id,
            width=None,
            height=None,
            faces_found=0,
            faces=[],
            error=Problem(**problem_of(found, request_id)),
        )
    return AnalyzedImage(
        id=image_id,
        width=found.width,
        height=found.height,
        faces_found=found.faces_found,
        faces=[FaceBody.of(face, wanted) for face in found.faces],
        error=None,
    )
