"""Refuses a request without the watcher's token."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bigbrother.entrypoints.ops.credential import Credential
from bigbrother.entrypoints.ops.headers import HEADERS


def problem(status: int, code: str, detail: str) -> Response:
    """An error for a program. Source: RFC 9457."""
    kind = f"urn:bigbrother:problem:{code}"
    return JSONResponse(
        {"type": kind, "title": code, "status": status, "detail": detail},
        status,
        headers=HEADERS,
        media_type="application/problem+json",
    )


def refusal(credential: Credential, request: Request) -> Response | None:
    """401 unless the request carries the token."""
    if credential.fits(request.headers.get("authorization", "")):
        return None
    return problem(401, "unauthorized", "A bearer token is needed: etc/ops.token.")
