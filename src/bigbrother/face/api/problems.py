"""Every refusal as application/problem+json with a stable `type`. Source: RFC 9457."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from bigbrother.face.api.errors import (
    BadRequest,
    InvalidRequest,
    MethodNotAllowed,
    NoRoute,
)
from bigbrother.face.gallery.errors import QualityTooLow
from bigbrother.kernel.errors import (
    BigBrotherError,
    Conflict,
    InvalidInput,
    NotFound,
    Unavailable,
)
from bigbrother.runbook.model import Runbook
from bigbrother.security.token_errors import Forbidden, Unauthenticated

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:bigbrother:problem:"
_CLIENT_CLOSED_REQUEST = 499
_LONGEST_ERROR_LIST = 20

# Codes whose status differs from their kind's.
_STATUS_BY_CODE: dict[str, int] = {
    "bad-request": 400,
    "malformed-json": 400,
    "malformed-multipart": 400,
    "idempotency-key-invalid": 400,
    "method-not-allowed": 405,
    "request-timeout": 408,
    "request-too-large": 413,
    "image-too-large": 413,
    "image-too-many-pixels": 413,
    "too-many-images": 413,
    "metadata-too-large": 413,
    "unsupported-media-type": 415,
    "unsupported-content-encoding": 415,
    "image-format-unsupported": 415,
    "image-animated": 415,
    "archive-format-unsupported": 415,
    "batch-too-large": 413,
    "folder-not-allowed": 403,
    "headers-too-large": 431,
    "storage-full": 507,
    "client-closed-request": _CLIENT_CLOSED_REQUEST,
}
_STATUS_BY_KIND: tuple[tuple[type[BigBrotherError], int], ...] = (
    (Unauthenticated, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (InvalidInput, 422),
    (Unavailable, 503),
)


def status_of(error: BigBrotherError) -> int:
    """The HTTP status of an error; 500 for one that no client can cause or mend."""
    if error.code in _STATUS_BY_CODE:
        return _STATUS_BY_CODE[error.code]
    for kind, status in _STATUS_BY_KIND:
        if isinstance(error, kind):
            return status
    return 500


def problem_of(error: BigBrotherError, request_id: str) -> dict[str, Any]:
    """The problem's members. An internal error says nothing of what is inside."""
    status = status_of(error)
    if status == 500:
        return internal_problem(request_id)
    body: dict[str, Any] = {
        "type": TYPE_PREFIX + error.code,
        "title": error.title,
        "status": status,
        "detail": error.detail,
        "remedy": error.remedy,
        "request_id": request_id,
    }
    if isinstance(error, InvalidRequest):
        body["errors"] = error.errors
    if isinstance(error, QualityTooLow):
        body |= {
            "reasons": error.reasons,
            "quality": error.quality,
            "required": error.required,
        }
    return body


def internal_problem(request_id: str) -> dict[str, Any]:
    """What a client learns of a fault of ours: the id under which the log tells the rest."""
    return {
        "type": TYPE_PREFIX + "internal",
        "title": "Internal error",
        "status": 500,
        "detail": "Something went wrong inside the service.",
        "remedy": f"Look for request {request_id} in the log of bigbrother-face.",
        "request_id": request_id,
    }


def problem_response(body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """The problem as an answer."""
    return Response(
        json.dumps(body, ensure_ascii=True).encode("ascii"),
        status_code=body["status"],
        media_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )


def install_problems(app: FastAPI, runbook: Callable[[], Runbook]) -> None:
    """Makes every refusal of the application a problem."""

    def answer(request: Request, error: BigBrotherError, headers: Mapping[str, str]) -> Response:
        request.state.problem_code = error.code
        body = problem_of(error, request.state.request_id)
        extra = dict(headers)
        if body["status"] == 503:
            extra["Retry-After"] = str(math.ceil(runbook().limits.retry_after.value))
        if body["status"] == 401:
            extra["WWW-Authenticate"] = 'Bearer realm="bigbrother"'
        return problem_response(body, extra)

    async def own(request: Request, error: Exception) -> Response:
        if not isinstance(error, BigBrotherError) or status_of(error) == 500:
            raise error
        return answer(request, error, {})

    async def framework(request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            raise error
        return answer(request, _of_framework(request, error), error.headers or {})

    async def parameters(request: Request, error: Exception) -> Response:
        if not isinstance(error, RequestValidationError):
            raise error
        return answer(request, invalid_request(error.errors()), {})

    app.add_exception_handler(BigBrotherError, own)
    app.add_exception_handler(HTTPException, framework)
    app.add_exception_handler(RequestValidationError, parameters)


def invalid_request(errors: Sequence[Any]) -> InvalidRequest:
    """The refusal for what pydantic found; never repeats the values that were sent."""
    listed = [
        {
            "location": ".".join(_printable(part) for part in item["loc"]) or "body",
            "message": item["msg"].removeprefix("Value error, "),
        }
        for item in errors[:_LONGEST_ERROR_LIST]
    ]
    first = listed[0]
    return InvalidRequest(
        f"{first['location']}: {first['message']}.".replace("..", "."),
        remedy="Compare the request with its description at /api/docs.",
        errors=listed,
    )


def invalid_body(error: ValidationError) -> InvalidRequest:
    """The refusal for a body that does not fit its model."""
    return invalid_request(error.errors(include_url=False, include_input=False))


def _printable(part: object) -> str:
    return str(part).encode("ascii", "backslashreplace").decode("ascii")[:100]


def _of_framework(request: Request, error: HTTPException) -> BigBrotherError:
    if error.status_code == HTTPStatus.NOT_FOUND:
        return NoRoute("Nothing answers at this path.", remedy="See /api/docs for what there is.")
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (error.headers or {}).get("Allow", "")
        return MethodNotAllowed(
            f"{request.method} is not one of {allowed}." if allowed else "Another is needed.",
            remedy="See /api/docs for what this path takes.",
        )
    return BadRequest(str(error.detail), remedy="See /api/docs for what this path takes.")
