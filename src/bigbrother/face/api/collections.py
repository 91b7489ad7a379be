"""/v1/collections: named sets of subjects."""

from fastapi import APIRouter, Request, Response

from bigbrother.face.api.access import ReadAccess, WriteAccess
from bigbrother.face.api.database import Connection
from bigbrother.face.api.documentation import created, json_request, refusals
from bigbrother.face.api.errors import InvalidRequest
from bigbrother.face.api.idempotency import Created, IdempotencyKey, create_once, keyed
from bigbrother.face.api.paging import Paging
from bigbrother.face.api.purpose import Purpose
from bigbrother.face.api.recording import recorder
from bigbrother.face.api.schemas.gallery import CollectionBody, CollectionRequest, Listing
from bigbrother.face.api.services import FaceServices, Services
from bigbrother.face.api.uploads import read_json
from bigbrother.face.batch import erasure
from bigbrother.face.gallery import collections

router = APIRouter(tags=["collections"])


@router.post(
    "/v1/collections",
    summary="Create a collection",
    status_code=201,
    response_model=CollectionBody,
    responses=created(refusals(400, 401, 403, 408, 409, 413, 415, 422, 503)),
    openapi_extra=json_request(CollectionRequest),
)
async def create_collection(
    request: Request,
    services: Services,
    caller: WriteAccess,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Makes an empty collection."""
    body = await read_json(request, CollectionRequest, services.runbook.limits)
    _check_retention(body, services)
    content = body.model_dump_json().encode()
    keyed_request = keyed(request, idempotency_key, content, caller, services)

    def create(conn: Connection) -> Created:
        made = collections.create(
            conn,
            body.name,
            description=body.description,
            keep_crops=body.keep_crops,
            retention=body.retention,
            now=services.clock.now(),
        )
        location = f"/v1/collections/{made.name}"
        return Created(CollectionBody.of(made), location, collection_id=made.id)

    return await services.database.run(lambda conn: create_once(conn, keyed_request, create))


@router.get(
    "/v1/collections",
    summary="List collections",
    response_model=Listing[CollectionBody],
    responses=refusals(401, 403, 422, 503),
)
async def list_collections(
    services: Services, _caller: ReadAccess, paging: Paging
) -> Listing[CollectionBody]:
    """Every collection, in the order of their making."""
    page = await services.database.run(
        lambda conn: collections.page(conn, cursor=paging.cursor, limit=paging.limit)
    )
    return Listing(items=[*map(CollectionBody.of, page.items)], next_cursor=page.next_cursor)


@router.get(
    "/v1/collections/{collection}",
    summary="Get a collection",
    response_model=CollectionBody,
    responses=refusals(401, 403, 404, 503),
)
async def get_collection(
    collection: str, services: Services, _caller: ReadAccess
) -> CollectionBody:
    """One collection."""
    found = await services.database.run(lambda conn: collections.get(conn, collection))
    return CollectionBody.of(found)


@router.delete(
    "/v1/collections/{collection}",
    summary="Delete a collection",
    status_code=204,
    responses=refusals(401, 403, 404, 422, 503),
)
async def delete_collection(
    request: Request, collection: str, services: Services, caller: WriteAccess, purpose: Purpose
) -> None:
    """Erases the collection with its subjects, faces, embeddings, crops and batches."""
    by = recorder(request, services, caller, purpose)

    def erase(conn: Connection) -> None:
        now = services.clock.now()
        done = erasure.erase_collection(conn, collection, ledger=services.ledger, now=now)
        by.record_erasure(conn, done)

    try:
        await services.database.run(erase)
    finally:
        services.gallery_changed(collection)


def _check_retention(body: CollectionRequest, services: FaceServices) -> None:
    longest = services.runbook.retention.largest_collection_retention
    if body.retention is not None and body.retention > longest.duration:
        message = f"It is longer than {longest}."
        raise InvalidRequest(
            f"retention: {message}",
            remedy="Choose a shorter one, or none to keep faces until they are deleted.",
            errors=[{"location": "retention", "message": message}],
        )
