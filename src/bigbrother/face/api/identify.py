"""POST /v1/collections/{collection}/identify: who of a collection is in an image."""

from fastapi import APIRouter, Request, Response

from bigbrother.face.api.access import IdentifyAccess
from bigbrother.face.api.database import Connection
from bigbrother.face.api.documentation import image_request, refusals
from bigbrother.face.api.errors import InvalidRequest
from bigbrother.face.api.image_requests import (
    UploadShape,
    analyze_one,
    image_share,
    json_answer,
    read_upload,
)
from bigbrother.face.api.purpose import Purpose
from bigbrother.face.api.recording import Recorder, recorder
from bigbrother.face.api.schemas.images import (
    IdentifyAnswer,
    IdentifyRequest,
    IdentifySettings,
    LandmarksBody,
    MatchBody,
    ProbeFace,
)
from bigbrother.face.api.schemas.parts import BoxBody, ModelBody, QualityBody
from bigbrother.face.api.services import FaceServices, Services
from bigbrother.face.engine.types import AnalyzedFace, AnalyzeOptions
from bigbrother.face.gallery import collections, search
from bigbrother.telemetry.audit.results import identified

router = APIRouter(tags=["images"])

_SHAPE = UploadShape(
    body=IdentifyRequest,
    settings=IdentifySettings,
    image_fields=("image",),
    texts=lambda body: [body.image],
    settings_of=lambda body: body,
)


@router.post(
    "/v1/collections/{collection}/identify",
    summary="Search a collection",
    response_model=IdentifyAnswer,
    responses=refusals(400, 401, 403, 404, 408, 413, 415, 422, 503),
    openapi_extra=image_request(IdentifyRequest, IdentifySettings, ("image",)),
)
async def identify(
    request: Request,
    collection: str,
    services: Services,
    caller: IdentifyAccess,
    purpose: Purpose,
) -> Response:
    """Searches the collection for every face of the image.

    The threshold follows from the number of faces that compete, so that the share of strangers
    who are recognised as somebody stays at the runbook's `identification_false_positive_rate`.
    Subjects whose consent has expired or was withdrawn never match. An image without faces
    gives an empty list.
    """
    # Asked first: an image need not be analysed for a collection that does not exist.
    await services.database.run(lambda conn: collections.get(conn, collection))
    with image_share(services) as share:
        upload = await read_upload(request, share, services, _SHAPE)
        options = AnalyzeOptions(embeddings=True, max_faces=upload.settings.max_faces)
        limit = _limit(upload.settings.limit, services)
        found = await analyze_one(request, services, upload.images[0], options)
    by = recorder(request, services, caller, purpose)
    body = await services.database.run(
        lambda conn: _search(conn, services, collection, found.faces, limit, by)
    )
    return await json_answer(services, lambda: body)


def _limit(given: int | None, services: FaceServices) -> int:
    limits = services.runbook.limits
    if given is not None and given > limits.largest_matches:
        message = f"It is larger than {limits.largest_matches}."
        raise InvalidRequest(
            f"limit: {message}",
            remedy=f"Ask for {limits.largest_matches} matches at most.",
            errors=[{"location": "limit", "message": message}],
        )
    return limits.matches if given is None else given


def _search(
    conn: Connection,
    services: FaceServices,
    collection: str,
    faces: tuple[AnalyzedFace, ...],
    limit: int,
    by: Recorder,
) -> IdentifyAnswer:
    matching = services.runbook.matching
    model = services.model(conn)
    now = services.clock.now()
    within = collections.get(conn, collection)
    competing = services.competition.faces(conn, collection, model, now)
    rate = matching.identification_false_positive_rate.value
    threshold = services.manifest.identification_threshold(competing, rate)
    found = [
        (
            face,
            search.identify(
                conn,
                collection,
                face.embedding,
                model=model,
                threshold=threshold,
                limit=limit,
                exact_search_below=matching.exact_search_below,
                index_search_width=matching.index_search_width,
                now=now,
            ),
        )
        for face in faces
        if face.embedding is not None
    ]
    matches = [match for _, matches in found for match in matches]
    by.record(
        conn,
        "identify",
        collection_id=within.id,
        subject_ids=dict.fromkeys(match.subject_id for match in matches),
        result=identified(len(found), len(matches)),
    )
    return IdentifyAnswer(
        threshold=threshold,
        false_positive_rate=rate,
        searched_faces=competing,
        model=ModelBody.of(services.manifest),
        faces=[
            ProbeFace(
                box=BoxBody.of(face.box),
                score=face.score,
                quality=QualityBody.of(face.quality),
                landmarks=LandmarksBody.of(face),
                matches=[MatchBody.of(match) for match in matches],
            )
            for face, matches in found
        ],
    )
