"""/v1/batches: many images at once."""

import tempfile
from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

import psycopg
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from bigbrother.face.api.access import AnalyzeAccess
from bigbrother.face.api.batch_results import ResultLines, tell
from bigbrother.face.api.batch_upload import BatchUpload, finish_in_thread, no_room, take_upload
from bigbrother.face.api.database import Connection
from bigbrother.face.api.documentation import accepted, batch_request, refusals
from bigbrother.face.api.errors import InvalidRequest
from bigbrother.face.api.idempotency import Created, IdempotencyKey, answered, create_once, keyed
from bigbrother.face.api.paging import Paging
from bigbrother.face.api.purpose import Purpose
from bigbrother.face.api.schemas.batches import BatchBody, BatchRequest, FolderBatchRequest
from bigbrother.face.api.schemas.gallery import Listing
from bigbrother.face.api.services import FaceServices, Services
from bigbrother.face.api.uploads import FORM, JSON, content_type_of, read_json
from bigbrother.face.batch import batches, submission
from bigbrother.face.batch.folder import FolderImages
from bigbrother.face.batch.records import BatchState, Client, Kind
from bigbrother.face.batch.submission import Images, NewBatch
from bigbrother.face.batch.webhook.addresses import check_url
from bigbrother.security.roles import Permission, may
from bigbrother.security.token_errors import Forbidden
from bigbrother.security.tokens import Token

router = APIRouter(tags=["batches"])

_NEEDED: dict[Kind, Permission] = {
    "analyze": "images:analyze",
    "identify": "gallery:identify",
    "enrol": "gallery:write",
}
_LINES: dict[str, Any] = {"application/x-ndjson": {"schema": {"type": "string"}}}
_LARGEST_POSITION = 2**31 - 1


@router.post(
    "/v1/batches",
    summary="Send a batch",
    status_code=202,
    response_model=BatchBody,
    responses=accepted(refusals(400, 401, 403, 404, 408, 409, 413, 415, 422, 503, 507)),
    openapi_extra=batch_request(BatchRequest, FolderBatchRequest),
)
async def send_batch(
    request: Request,
    services: Services,
    caller: AnalyzeAccess,
    purpose: Purpose,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Takes many images in, to be analysed, enrolled or identified by the workers.

    A form begins with the part `request`; then come parts `image`, or one part `archive` with a
    zip file. A request in JSON names a folder of the server instead. An image that is refused
    fails alone, with its reason among the results.
    """

    def check(body: BatchRequest) -> None:
        _check(body, caller, services)

    if content_type_of(request, FORM, JSON) == JSON:
        body = await read_json(request, FolderBatchRequest, services.runbook.limits)
        check(body)
        if body.items is not None:
            raise _invalid("items", "A folder names its images itself.")
        content = body.model_dump_json().encode()

        def folder() -> Images:
            return FolderImages(body.folder, services.batch_folders, services.runbook)

        storing = _Storing(request, services, caller, purpose, idempotency_key)
        return await storing.store(body, content, folder)
    # Without a name: whatever happens, nothing of it stays on the disk.
    with services.memory.share() as share, tempfile.TemporaryFile(dir=services.spool) as file:
        upload = BatchUpload(request.headers["content-type"], file, services.runbook, check)
        await take_upload(request, upload, share, services.runbook)
        storing = _Storing(request, services, caller, purpose, idempotency_key)
        return await storing.store(upload.request, upload.content(), upload.images)


class _Storing:
    """Stores what one request brought."""

    def __init__(
        self,
        request: Request,
        services: FaceServices,
        caller: Token,
        purpose: str,
        key: str | None,
    ) -> None:
        self._request = request
        self._services = services
        self._caller = caller
        self._purpose = purpose
        self._key = key

    async def store(
        self, body: BatchRequest, content: bytes, images: Callable[[], Images]
    ) -> Response:
        """The answer, now or as it was given to the first request with this key."""
        services = self._services
        keyed_request = keyed(self._request, self._key, content, self._caller, services)
        repeated = await services.database.run(lambda conn: answered(conn, keyed_request))
        if repeated is not None:
            return repeated
        new = self._new(body)

        def create(conn: Connection) -> Created:
            made = submission.submit(
                conn,
                new,
                found,
                figures=services.runbook.batch,
                ledger=services.ledger,
                master_key=services.master_key,
                now=services.clock.now(),
            )
            location = f"/v1/batches/{made.id}"
            return Created(BatchBody.of(made), location, batch_id=made.id, status=202)

        def work(conn: Connection) -> Response:
            try:
                return create_once(conn, keyed_request, create)
            except psycopg.errors.DiskFull as error:
                raise no_room() from error

        async with services.batch_turns:
            found = await finish_in_thread(images)
            return await finish_in_thread(lambda: services.database.transaction(work))

    def _new(self, body: BatchRequest) -> NewBatch:
        webhook = body.webhook
        return NewBatch(
            kind=body.kind,
            collection=body.collection,
            priority=body.priority,
            chunk=body.chunk,
            options=body.options.record(),
            client=Client(
                self._caller.id,
                self._caller.name,
                self._request.state.request_id,
                self._purpose,
            ),
            webhook_url=None if webhook is None else webhook.url,
            webhook_secret=None if webhook is None else webhook.secret.encode(),
        )


@router.get(
    "/v1/batches",
    summary="List batches",
    response_model=Listing[BatchBody],
    responses=refusals(401, 403, 422, 503),
)
async def list_batches(
    services: Services,
    caller: AnalyzeAccess,
    paging: Paging,
    state: Annotated[BatchState | None, Query(description="Only those in this state.")] = None,
) -> Listing[BatchBody]:
    """The caller's batches, newest first; an admin sees everybody's."""
    page = await services.database.run(
        lambda conn: batches.page(
            conn, token_id=_whose(caller), state=state, cursor=paging.cursor, limit=paging.limit
        )
    )
    return Listing(items=[*map(BatchBody.of, page.items)], next_cursor=page.next_cursor)


@router.get(
    "/v1/batches/{batch_id}",
    summary="Get a batch",
    response_model=BatchBody,
    responses=refusals(401, 403, 404, 422, 503),
)
async def get_batch(batch_id: UUID, services: Services, caller: AnalyzeAccess) -> BatchBody:
    """How far it is."""
    found = await services.database.run(
        lambda conn: batches.get(conn, batch_id, token_id=_whose(caller))
    )
    return BatchBody.of(found)


@router.post(
    "/v1/batches/{batch_id}/cancel",
    summary="Cancel a batch",
    response_model=BatchBody,
    responses=refusals(401, 403, 404, 422, 503),
)
async def cancel_batch(batch_id: UUID, services: Services, caller: AnalyzeAccess) -> BatchBody:
    """Ends what is still to be done; results that are there stay. A second time changes nothing."""
    found = await services.database.run(
        lambda conn: batches.cancel(
            conn, batch_id, token_id=_whose(caller), now=services.clock.now()
        )
    )
    return BatchBody.of(found)


@router.post(
    "/v1/batches/{batch_id}/retry",
    summary="Try failed items again",
    response_model=BatchBody,
    responses=refusals(401, 403, 404, 409, 422, 503),
)
async def retry_batch(batch_id: UUID, services: Services, caller: AnalyzeAccess) -> BatchBody:
    """Queues the failed items again whose images are still kept; their results come anew."""
    found = await services.database.run(
        lambda conn: batches.retry(
            conn, batch_id, token_id=_whose(caller), figures=services.runbook.batch
        )
    )
    return BatchBody.of(found)


@router.delete(
    "/v1/batches/{batch_id}",
    summary="Destroy a batch",
    status_code=204,
    responses=refusals(401, 403, 404, 422, 503),
)
async def delete_batch(batch_id: UUID, services: Services, caller: AnalyzeAccess) -> None:
    """Destroys images and results; what still runs is given up."""
    await services.database.run(
        lambda conn: batches.delete(conn, batch_id, token_id=_whose(caller))
    )


@router.get(
    "/v1/batches/{batch_id}/results",
    summary="Read a batch's results",
    response_class=Response,
    responses={
        200: {"description": "A line of JSON for each item that has ended.", "content": _LINES},
        **refusals(401, 403, 404, 422, 503),
    },
)
async def read_results(
    batch_id: UUID,
    services: Services,
    caller: AnalyzeAccess,
    after: Annotated[
        int, Query(ge=0, le=_LARGEST_POSITION, description="Position of the last one known.")
    ] = 0,
    follow: Annotated[
        bool, Query(description="Keep the line open, and tell of new ones until the batch ends.")
    ] = False,
) -> Response:
    """Every item that has ended, in the order of `position`.

    Each line has `position`, `number`, `name`, `external_id`, `state`, `answer`, `error` and
    `done_at`. Blank lines keep the connection alive. The line may end early when the service is
    restarted: ask again with the last position.
    """
    await services.database.run(lambda conn: batches.get(conn, batch_id, token_id=_whose(caller)))
    lines = ResultLines(services, batch_id, after)
    first = await lines.next_page()
    told = tell(services, lines, first, follow=follow)
    return StreamingResponse(told, media_type="application/x-ndjson")


def _whose(caller: Token) -> UUID | None:
    """Whose batches the caller may see; None: everybody's."""
    return None if may(caller.role, "batches:all") else caller.id


def _check(body: BatchRequest, caller: Token, services: FaceServices) -> None:
    needed = _NEEDED[body.kind]
    if not may(caller.role, needed):
        raise Forbidden(
            f"The role '{caller.role}' does not hold the permission '{needed}'.",
            remedy="Use a token whose role holds it.",
        )
    if (body.kind == "analyze") != (body.collection is None):
        what = "takes none" if body.kind == "analyze" else "needs one"
        raise _invalid("collection", f"A batch of kind {body.kind} {what}.")
    largest = services.runbook.batch.largest_chunk
    if body.chunk is not None and body.chunk > largest:
        raise _invalid("chunk", f"It is larger than {largest}.")
    most = services.runbook.limits.largest_matches
    if body.options.limit is not None and body.options.limit > most:
        raise _invalid("options.limit", f"It is larger than {most}.")
    if body.webhook is not None:
        check_url(body.webhook.url, services.runbook.webhook.allowed_networks)


def _invalid(location: str, message: str) -> InvalidRequest:
    return InvalidRequest(
        f"{location}: {message}",
        remedy="Compare the request with its description at /api/docs.",
        errors=[{"location": location, "message": message}],
    )
