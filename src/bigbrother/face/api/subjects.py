"""/v1/collections/{collection}/subjects: the people of a collection."""

import json
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from bigbrother.face.api.access import ReadAccess, WriteAccess
from bigbrother.face.api.database import Connection
from bigbrother.face.api.documentation import created, json_request, refusals
from bigbrother.face.api.errors import MetadataTooLarge
from bigbrother.face.api.idempotency import Created, IdempotencyKey, create_once, keyed
from bigbrother.face.api.paging import Paging
from bigbrother.face.api.purpose import Purpose
from bigbrother.face.api.recording import recorder
from bigbrother.face.api.schemas.gallery import (
    Listing,
    SubjectBody,
    SubjectChange,
    SubjectRequest,
)
from bigbrother.face.api.services import FaceServices, Services
from bigbrother.face.api.uploads import read_json
from bigbrother.face.batch import erasure, erasure_records
from bigbrother.face.batch.erasure import CarriedOut
from bigbrother.face.gallery import subjects
from bigbrother.face.gallery.records import Subject
from bigbrother.telemetry.audit import chain

router = APIRouter(tags=["subjects"])


@router.post(
    "/v1/collections/{collection}/subjects",
    summary="Create a subject",
    status_code=201,
    response_model=SubjectBody,
    responses=created(refusals(400, 401, 403, 404, 408, 409, 413, 415, 422, 503)),
    openapi_extra=json_request(SubjectRequest),
)
async def create_subject(
    request: Request,
    collection: str,
    services: Services,
    caller: WriteAccess,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Makes a subject without faces; says why it may be held and matched."""
    body = await read_json(request, SubjectRequest, services.runbook.limits)
    _check_metadata(body.metadata, services)
    content = body.model_dump_json().encode()
    keyed_request = keyed(request, idempotency_key, content, caller, services)

    def create(conn: Connection) -> Created:
        made = subjects.create(
            conn,
            collection,
            body.external_id,
            name=body.name,
            metadata=body.metadata,
            consent=body.consent.record(),
            master_key=services.master_key,
            now=services.clock.now(),
        )
        location = f"/v1/collections/{collection}/subjects/{quote(made.external_id, safe='')}"
        return Created(SubjectBody.of(made), location, subject_id=made.id)

    return await services.database.run(lambda conn: create_once(conn, keyed_request, create))


@router.get(
    "/v1/collections/{collection}/subjects",
    summary="List subjects",
    response_model=Listing[SubjectBody],
    responses=refusals(401, 403, 404, 422, 503),
)
async def list_subjects(
    collection: str, services: Services, _caller: ReadAccess, paging: Paging
) -> Listing[SubjectBody]:
    """Every subject of the collection, in the order of their making."""
    page = await services.database.run(
        lambda conn: subjects.page(conn, collection, cursor=paging.cursor, limit=paging.limit)
    )
    return Listing(items=[*map(SubjectBody.of, page.items)], next_cursor=page.next_cursor)


@router.get(
    "/v1/collections/{collection}/subjects/{external_id}",
    summary="Get a subject",
    response_model=SubjectBody,
    responses=refusals(401, 403, 404, 503),
)
async def get_subject(
    collection: str, external_id: str, services: Services, _caller: ReadAccess
) -> SubjectBody:
    """One subject."""
    found = await services.database.run(lambda conn: subjects.get(conn, collection, external_id))
    return SubjectBody.of(found)


@router.patch(
    "/v1/collections/{collection}/subjects/{external_id}",
    summary="Change a subject",
    response_model=SubjectBody,
    responses=refusals(400, 401, 403, 404, 408, 413, 415, 422, 503),
    openapi_extra=json_request(SubjectChange),
)
async def change_subject(
    request: Request, collection: str, external_id: str, services: Services, _caller: WriteAccess
) -> SubjectBody:
    """Changes what is sent and leaves the rest; `consent.withdrawn_at` withdraws the consent."""
    change = await read_json(request, SubjectChange, services.runbook.limits)
    if change.metadata is not None:
        _check_metadata(change.metadata, services)

    def update(conn: Connection) -> Subject:
        now = services.clock.now()
        done: tuple[CarriedOut, ...] = ()
        if change.consent is not None:
            # A withdrawal that an earlier failure left comes before what is agreed now.
            done = erasure.replay(conn, ledger=services.ledger, now=now)
        old = subjects.get(conn, collection, external_id, lock=True)
        consent = old.consent if change.consent is None else change.consent.applied_to(old.consent)
        withdrawn_at = consent.withdrawn_at
        if withdrawn_at is not None and withdrawn_at != old.consent.withdrawn_at:
            done += erasure.withdraw(conn, old, withdrawn_at, ledger=services.ledger, now=now)
        changed = subjects.update(
            conn,
            collection,
            external_id,
            name=change.name,
            metadata=change.metadata,
            consent=consent,
            now=now,
        )
        repeated = erasure_records.repeated(done)
        chain.append(conn, repeated, key=services.audit_key, now=now)
        return changed

    changed = await services.database.run(update)
    if change.consent is not None:
        services.gallery_changed(collection)
    return SubjectBody.of(changed)


@router.delete(
    "/v1/collections/{collection}/subjects/{external_id}",
    summary="Erase a subject",
    status_code=204,
    responses=refusals(401, 403, 404, 422, 503),
)
async def delete_subject(
    request: Request,
    collection: str,
    external_id: str,
    services: Services,
    caller: WriteAccess,
    purpose: Purpose,
) -> None:
    """Erases the subject with its key, faces, embeddings and crops, and what batches hold of it.

    The erasure is noted in a ledger outside the database, so that no restored copy brings the
    subject back. Answered with 503 it may still be carried out later; asking again is safe.
    """
    by = recorder(request, services, caller, purpose)

    def erase(conn: Connection) -> None:
        done = erasure.erase_subject(
            conn,
            collection,
            external_id,
            ledger=services.ledger,
            master_key=services.master_key,
            now=services.clock.now(),
        )
        by.record_erasure(conn, done)

    try:
        await services.database.run(erase)
    finally:
        services.gallery_changed(collection)


def _check_metadata(metadata: dict[str, Any], services: FaceServices) -> None:
    limit = services.runbook.limits.metadata_size
    if len(json.dumps(metadata, ensure_ascii=False).encode()) > limit.value:
        raise MetadataTooLarge(
            f"The metadata has more than {limit}.",
            remedy="Keep what is large elsewhere and its name here.",
        )
