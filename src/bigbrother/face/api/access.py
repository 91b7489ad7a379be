"""Who asks, and whether they may."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from bigbrother.face.api.services import FaceServices, Services
from bigbrother.security import tokens
from bigbrother.security.roles import Permission, may
from bigbrother.security.token_errors import Forbidden
from bigbrother.security.tokens import Token

_bearer = HTTPBearer(
    auto_error=False,
    bearerFormat="bb_<id>_<secret>",
    description="A token made with `bigbrother token create` or POST /v1/tokens.",
)
_SCHEME = "bearer"


def require(permission: Permission) -> Callable[[Request, FaceServices, object], Awaitable[Token]]:
    """A dependency that gives the caller's token, or refuses with 401 or 403."""

    async def caller(
        request: Request, services: Services, _scheme: Annotated[object, Depends(_bearer)]
    ) -> Token:
        token = await authenticate(request, services)
        if not may(token.role, permission):
            raise Forbidden(
                f"The role '{token.role}' does not hold the permission '{permission}'.",
                remedy="Use a token whose role holds it.",
            )
        return token

    caller.__name__ = f"require {permission}"
    return caller


async def authenticate(request: Request, services: FaceServices) -> Token:
    """The caller's valid token. Raises Unauthenticated."""
    headers = request.headers.getlist("authorization")
    scheme, _, text = (headers[0] if len(headers) == 1 else "").partition(" ")
    if scheme.lower() != _SCHEME:
        raise tokens.refused()
    known = services.token_cache.find(text.strip(" "))
    if known is not None:
        return known
    figures = services.runbook.tokens
    return await services.database.run(
        lambda conn: services.token_cache.verify(
            text.strip(" "),
            lambda asked: tokens.verify(
                conn,
                asked,
                last_used_resolution=figures.last_used_resolution.duration,
                now=services.clock.now(),
            ),
        )
    )


AnalyzeAccess = Annotated[Token, Depends(require("images:analyze"))]
IdentifyAccess = Annotated[Token, Depends(require("gallery:identify"))]
ReadAccess = Annotated[Token, Depends(require("gallery:read"))]
WriteAccess = Annotated[Token, Depends(require("gallery:write"))]
CropAccess = Annotated[Token, Depends(require("crops:read"))]
ExportAccess = Annotated[Token, Depends(require("subjects:export"))]
ModelsAccess = Annotated[Token, Depends(require("models:read"))]
TokensAccess = Annotated[Token, Depends(require("tokens:manage"))]
EngineAccess = Annotated[Token, Depends(require("engine:manage"))]
