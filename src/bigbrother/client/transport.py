"""One HTTP exchange with the face analyzer: credential, tries, and errors that say what to do."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import httpx
from pydantic import BaseModel, ValidationError

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
from bigbrother.client.retries import RetryPolicy

Answer = TypeVar("Answer", bound=BaseModel)
Upload = tuple[str, bytes]
"""A multipart field's name and the bytes of an image file."""

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


@dataclass(frozen=True, slots=True)
class Request:
    """One thing to ask. `repeatable`: asking twice does no more than asking once."""

    method: str
    path: str
    repeatable: bool
    params: Mapping[str, str | int] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, str] = field(default_factory=dict)
    uploads: Sequence[Upload] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


class Transport:
    """A pooled connection to one service."""

    def __init__(
        self,
        url: str,
        token: str | None,
        *,
        timeout_seconds: float,
        policy: RetryPolicy,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url = url.rstrip("/")
        self._policy = policy
        self._pause = pause
        self._http = httpx.Client(
            base_url=_checked_url(self.url),
            headers={"Authorization": f"Bearer {_checked_token(token)}"} if token else {},
            timeout=timeout_seconds,
            # A proxy named in the environment can reach no service of this machine.
            trust_env=not _is_loopback(self.url),
        )

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def answer(self, request: Request, kind: type[Answer]) -> Answer:
        """Sends the request and reads the answer as the given type."""
        return self.read(self.send(request), kind)

    def read(self, response: httpx.Response, kind: type[Answer]) -> Answer:
        """The body of an answer as the given type."""
        try:
            return kind.model_validate_json(response.content)
        except ValidationError as error:
            raise ServiceFailed(
                f"{self.url} gave an answer that is not one of Big Brother's.",
                remedy="Is another program listening there, or one of another version?",
                code="answer-not-understood",
                status=response.status_code,
            ) from error

    def send(self, request: Request) -> httpx.Response:
        """Sends the request, again where that is safe and can help, and returns a good answer.

        Raises a ClientError otherwise.
        """
        tries = 0
        while True:
            tries += 1
            try:
                return self._checked(self.exchange(request))
            except ServiceUnavailable as error:
                if not (request.repeatable or _never_arrived(error)) or _timed_out(error):
                    raise
                pause_seconds = self._policy.pause_seconds(tries, error.retry_after_seconds)
                if pause_seconds is None:
                    raise
            self._pause(pause_seconds)

    def exchange(self, request: Request) -> httpx.Response:
        """One try, whatever its status. Raises ServiceUnreachable when no answer came."""
        try:
            return self._http.request(
                request.method,
                request.path,
                params=dict(request.params),
                json=request.json,
                data=dict(request.form) or None,
                # A local file's name is nobody's business, so the parts are numbered.
                files=[
                    (name, (f"image-{number}", data, "application/octet-stream"))
                    for number, (name, data) in enumerate(request.uploads, 1)
                ]
                or None,
                headers=dict(request.headers),
            )
        except httpx.TimeoutException as error:
            raise ServiceUnreachable(
                f"{self.url} did not answer in time.",
                remedy="Look at it with 'bigbrother status', or allow more time.",
                code="timeout",
            ) from error
        except httpx.TransportError as error:
            raise ServiceUnreachable(
                f"{self.url} cannot be reached ({_reason(error)}).",
                remedy="Start it with 'bigbrother up'.",
            ) from error

    def _checked(self, response: httpx.Response) -> httpx.Response:
        if response.is_success:
            return response
        raise self._problem(response)

    def _problem(self, response: httpx.Response) -> ClientError:
        status = response.status_code
        kind = _KINDS.get(status, RequestRefused if 400 <= status < 500 else ServiceFailed)
        try:
            problem = Problem.model_validate_json(response.content)
        except ValidationError:
            problem = Problem()
        if problem.code == _STILL_AT_WORK:
            kind = ServiceUnavailable
        return kind(
            problem.detail or problem.title or f"{self.url} answered {status}.",
            remedy=problem.remedy or _remedy(status),
            code=problem.code,
            title=problem.title,
            status=status,
            request_id=problem.request_id or response.headers.get("X-Request-Id", ""),
            retry_after_seconds=_retry_after_seconds(response),
            reasons=problem.reasons,
        )


def path_of(*parts: str) -> str:
    """A path under /v1 from names that may hold any character."""
    return "/v1/" + "/".join(_segment(part) for part in parts)


def _segment(part: str) -> str:
    # '.' and '..' are steps through a path for every URL library; encoded they are plain names,
    # and a subject called '..' must never make a request for the whole collection.
    return part.replace(".", "%2E") if part in (".", "..") else quote(part, safe="")


def _checked_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.username or parts.query or parts.fragment:
        raise RequestRefused(
            # What stands before an @ may be a password.
            f"'{url.rpartition('@')[2]}' is not the address of a service.",
            remedy="Give one such as http://127.0.0.1:8080.",
            code="url-not-valid",
        )
    return url


def _checked_token(token: str) -> str:
    if not token.isascii() or not token.isprintable() or " " in token:
        raise RequestRefused(
            "The token holds characters that no token has.",
            remedy="Give it as it was made, or the path of the file that holds it.",
            code="token-not-valid",
        )
    return token


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")


def _retry_after_seconds(response: httpx.Response) -> float | None:
    try:
        return max(0.0, float(response.headers.get("Retry-After", "")))
    except ValueError:
        return None  # absent, or a date, which needs no clock here: the own pause serves


def _never_arrived(error: ServiceUnavailable) -> bool:
    return isinstance(error.__cause__, httpx.ConnectError | httpx.ConnectTimeout)


def _timed_out(error: ServiceUnavailable) -> bool:
    """Whether the service may still be at work on it: asking again would only add to its load."""
    cause = error.__cause__
    return isinstance(cause, httpx.TimeoutException) and not isinstance(cause, httpx.ConnectTimeout)


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
