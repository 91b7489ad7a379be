"""What went wrong, from an answer or the lack of one, as an error that says what to do."""

import httpx
from pydantic import ValidationError

from bigbrother.client.errors import (
    AccessDenied,
    ClientError,
    RequestRefused,
    ResourceConflict,
    ResourceMissing,
    ServiceFailed,
    ServiceUnavailable,
    ServiceUnreachable,
)
from bigbrother.client.results import Problem

_KINDS: dict[int, type[ClientError]] = {
    401: AccessDenied,
    403: AccessDenied,
    404: ResourceMissing,
    409: ResourceConflict,
    429: ServiceUnavailable,
    502: ServiceUnavailable,
    503: ServiceUnavailable,
    504: ServiceUnavailable,
}
# An earlier try of the same creation is still at work; its answer comes to a later one.
_STILL_AT_WORK = "idempotency-key-in-use"


def refusal(url: str, response: httpx.Response) -> ClientError:
    """The error that an answer without success means."""
    status = response.status_code
    kind = _KINDS.get(status, RequestRefused if 400 <= status < 500 else ServiceFailed)
    try:
        problem = Problem.model_validate_json(response.content)
    except ValidationError:
        problem = Problem()
    if problem.code == _STILL_AT_WORK:
        kind = ServiceUnavailable
    return kind(
        problem.detail or problem.title or f"{url} answered {status}.",
        remedy=problem.remedy or _remedy(status),
        code=problem.code,
        title=problem.title,
        status=status,
        request_id=problem.request_id or response.headers.get("X-Request-Id", ""),
        retry_after_seconds=_retry_after_seconds(response),
        reasons=problem.reasons,
    )


def not_understood(url: str, status: int | None = None) -> ServiceFailed:
    """The error for an answer that the service would never give."""
    return ServiceFailed(
        f"{url} gave an answer that is not one of Big Brother's.",
        remedy="Is another program listening there, or one of another version?",
        code="answer-not-understood",
        status=status,
    )


def no_answer(url: str, error: httpx.HTTPError) -> ClientError:
    """The error for an exchange that broke before the answer was read whole."""
    if isinstance(error, httpx.TimeoutException):
        return ServiceUnreachable(
            f"{url} did not answer in time.",
            remedy="Look at it with 'bigbrother status', or allow more time.",
            code="timeout",
        )
    if isinstance(error, httpx.TransportError):
        return ServiceUnreachable(
            f"{url} cannot be reached ({_reason(error)}).",
            remedy="Start it with 'bigbrother up'.",
        )
    return not_understood(url)


def never_arrived(error: ClientError) -> bool:
    """Whether nothing of the request reached the service."""
    return isinstance(error.__cause__, httpx.ConnectError | httpx.ConnectTimeout)


def timed_out(error: ClientError) -> bool:
    """Whether the service may still be at work on it: asking again would add to its load."""
    cause = error.__cause__
    return isinstance(cause, httpx.TimeoutException) and not isinstance(cause, httpx.ConnectTimeout)


def _retry_after_seconds(response: httpx.Response) -> float | None:
    try:
        return max(0.0, float(response.headers.get("Retry-After", "")))
    except ValueError:
        return None  # absent, or a date, which needs no clock here: the own pause serves


def _reason(error: httpx.TransportError) -> str:
    if isinstance(error, httpx.ConnectError):
        return "connection refused" if "refused" in str(error) else str(error)
    return str(error) or "the connection broke"


def _remedy(status: int) -> str:
    if status == 401:
        return "Give a valid token: --token-file, BIGBROTHER_TOKEN, or 'bigbrother token create'."
    if status == 403:
        return "Use a token whose role allows it."
    if status >= 500:
        return "Look at 'bigbrother logs bigbrother-face'."
    return ""
