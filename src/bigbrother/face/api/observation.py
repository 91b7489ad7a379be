"""Around every request: its id, its time, its line in the log, and the net under all faults."""

import math
import re
import uuid
from http import HTTPMethod
from typing import Any

import structlog
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bigbrother.face.api.errors import HeadersTooLarge
from bigbrother.face.api.problems import internal_problem, problem_of, problem_response
from bigbrother.face.api.services import FaceServices
from bigbrother.kernel.errors import BigBrotherError, Unavailable

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_METHODS = frozenset(HTTPMethod)
_UNMATCHED = "unmatched"
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'"),
)
_log = structlog.get_logger("bigbrother.face.api")


class Observation:
    """An ASGI application around another one."""

    def __init__(self, app: ASGIApp, services: FaceServices) -> None:
        self._app = app
        self._services = services
        self._metrics = services.metrics
        self._clock = services.clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, observed."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started_seconds = self._clock.monotonic_seconds()
        state = scope.setdefault("state", {})
        state["request_id"] = request_id = _request_id(scope)
        status = 0

        async def send_observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = [*_HEADERS, (b"x-request-id", request_id.encode("ascii"))]
                if scope["path"].startswith("/v1/"):
                    own.append((b"cache-control", b"no-store"))
                message["headers"] = [*message.get("headers", []), *own]
            await send(message)

        self._metrics.requests_in_flight.inc()
        try:
            refusal = self._refusal(scope)
            if refusal is not None:
                state["problem_code"] = refusal.code
                await self._refuse(refusal, request_id)(scope, receive, send_observed)
            else:
                await self._app(scope, receive, send_observed)
        except Exception:
            _log.exception("request failed", request_id=request_id, route=_route(scope))
            state["problem_code"] = "internal"
            if status:
                raise
            status = 500
            answer = problem_response(internal_problem(request_id))
            await answer(scope, receive, send_observed)
        finally:
            self._metrics.requests_in_flight.dec()
            duration_seconds = self._clock.monotonic_seconds() - started_seconds
            self._tell(scope, state, status, duration_seconds)

    def _refusal(self, scope: Scope) -> BigBrotherError | None:
        """Why nothing below this layer may see the request."""
        # The server below bounds headers only while they are incomplete.
        size_bytes = sum(len(name) + len(value) for name, value in scope["headers"])
        size_bytes += len(scope["raw_path"]) + len(scope["query_string"])
        largest = self._services.runbook.serving.header_size
        if size_bytes > largest.value:
            return HeadersTooLarge(
                f"Path and headers have more than {largest}.",
                remedy="Send fewer or shorter headers.",
            )
        # A restored database may hold people who were erased since: nobody is found in it yet.
        return self._services.rights.refusal if scope["path"].startswith("/v1/") else None

    def _refuse(self, refusal: BigBrotherError, request_id: str) -> Response:
        headers = {}
        if isinstance(refusal, Unavailable):
            retry_after = self._services.runbook.limits.retry_after
            headers["Retry-After"] = str(math.ceil(retry_after.value))
        return problem_response(problem_of(refusal, request_id), headers)

    def _tell(
        self, scope: Scope, state: dict[str, Any], status: int, duration_seconds: float
    ) -> None:
        route = _route(scope)
        method = scope["method"] if scope["method"] in _METHODS else "other"
        status_class = f"{status // 100}xx" if status else "none"
        workload = state.get("workload", "none")
        problem = state.get("problem_code", "")
        self._metrics.requests.labels(method, route, status_class).inc()
        self._metrics.request_seconds.labels(route, workload).observe(duration_seconds)
        if problem:
            self._metrics.errors.labels(route, status_class, problem).inc()
        # The template, not the path: names of people and collections stay out of the log.
        _log.info(
            "request",
            request_id=state["request_id"],
            method=method,
            route=route,
            status=status,
            duration_ms=round(duration_seconds * 1000, 1),
            workload=workload,
            problem=problem,
        )


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            return str(value.decode("ascii"))
    return uuid.uuid4().hex


def _route(scope: Scope) -> str:
    """The route's template; one word for all paths that lead nowhere."""
    return str(getattr(scope.get("route"), "path", _UNMATCHED))
