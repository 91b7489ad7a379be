"""/v1/tokens: who may ask."""

from datetime import timedelta
from uuid import UUID

from fastapi import APIRouter, Request

from bigbrother.face.api.access import TokensAccess
from bigbrother.face.api.documentation import json_request, refusals
from bigbrother.face.api.errors import InvalidRequest
from bigbrother.face.api.paging import Paging
from bigbrother.face.api.schemas.gallery import Listing
from bigbrother.face.api.schemas.service import NewTokenBody, TokenBody, TokenRequest
from bigbrother.face.api.services import FaceServices, Services
from bigbrother.face.api.uploads import read_json
from bigbrother.face.gallery.errors import InvalidCursor
from bigbrother.security import tokens

router = APIRouter(tags=["tokens"])


@router.post(
    "/v1/tokens",
    summary="Create a token",
    status_code=201,
    response_model=NewTokenBody,
    responses=refusals(400, 401, 403, 408, 413, 415, 422, 503),
    openapi_extra=json_request(TokenRequest),
)
async def create_token(request: Request, services: Services, _caller: TokensAccess) -> NewTokenBody:
    """Makes a token and shows it this once.

    An Idempotency-Key has no effect here: repeating the answer would need the secret to be
    stored. A token whose answer was lost is revoked, and another one made.
    """
    body = await read_json(request, TokenRequest, services.runbook.limits)
    now = services.clock.now()
    life = _checked_life(body.expires_in, services)
    expires_at = None if life is None else now + life
    token, text = await services.database.run(
        lambda conn: tokens.create(conn, body.name, body.role, expires_at, now)
    )
    return NewTokenBody(**TokenBody.of(token).model_dump(), token=text)


@router.get(
    "/v1/tokens",
    summary="List tokens",
    response_model=Listing[TokenBody],
    responses=refusals(401, 403, 422, 503),
)
async def list_tokens(
    services: Services, _caller: TokensAccess, paging: Paging
) -> Listing[TokenBody]:
    """Every token, revoked and expired ones too, in the order of their making."""
    after = _after(paging.cursor)
    found = await services.database.run(
        lambda conn: tokens.page(conn, after=after, limit=paging.limit + 1)
    )
    items = [TokenBody.of(token) for token in found[: paging.limit]]
    more = len(found) > paging.limit
    return Listing(items=items, next_cursor=items[-1].id.hex if more else None)


@router.delete(
    "/v1/tokens/{token_id}",
    summary="Revoke a token",
    status_code=204,
    responses=refusals(401, 403, 404, 409, 422, 503),
)
async def revoke_token(token_id: UUID, services: Services, _caller: TokensAccess) -> None:
    """Makes a token worthless; the last valid admin token cannot be revoked."""
    await services.database.run(lambda conn: tokens.revoke(conn, token_id, services.clock.now()))
    services.token_cache.forget()


def _checked_life(life: timedelta | None, services: FaceServices) -> timedelta | None:
    longest = services.runbook.tokens.longest_life
    if life is not None and life > longest.duration:
        message = f"It is longer than {longest}."
        raise InvalidRequest(
            f"expires_in: {message}",
            remedy="Choose a shorter life, or none for a token that never expires.",
            errors=[{"location": "expires_in", "message": message}],
        )
    return life


def _after(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        found = UUID(hex=cursor)
    except ValueError:
        found = None
    if found is None or found.hex != cursor:
        raise InvalidCursor(
            "The cursor did not come from this listing.",
            remedy="Send next_cursor of the page before, or none for the first page.",
        )
    return found
