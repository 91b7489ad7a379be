"""Alerts that others send in, in Alertmanager's form (version 2 of its interface)."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bigbrother.entrypoints.ops.bearer import problem, refusal
from bigbrother.entrypoints.ops.credential import Credential
from bigbrother.entrypoints.ops.headers import HEADERS
from bigbrother.kernel.errors import BigBrotherError
from bigbrother.operations.alerts.errors import InvalidAlerts
from bigbrother.operations.alerts.intake import parse_sent_in
from bigbrother.operations.response.services import WatcherServices
from bigbrother.operations.response.watcher import Watcher
from bigbrother.runbook.model import Runbook


class SentIn:
    """Takes them with a bearer token, in bounds, each with its reason when it is refused."""

    def __init__(self, services: WatcherServices, watcher: Watcher) -> None:
        self._services = services
        self._watcher = watcher
        self._credential = Credential.of(services.settings.ops_token_file)

    async def take(self, request: Request) -> Response:
        """POST /api/v2/alerts: a list of alerts; what is good among them is taken."""
        refused = refusal(self._credential, request)
        if refused is not None:
            return refused
        runbook = self._services.runbook()
        body = await _bounded(request, int(runbook.alerts.largest_request.value))
        if body is None:
            return problem(413, "request-too-large", "Send fewer alerts at a time.")
        return await run_in_threadpool(lambda: self._take(body, runbook))

    def _take(self, body: bytes, runbook: Runbook) -> Response:
        refused: BigBrotherError | None = None
        try:
            findings = parse_sent_in(body, runbook, self._services.clock.now())
        except InvalidAlerts as error:
            # Whoever mends the others and sends them all again does no harm.
            findings, refused = error.usable, error
        except BigBrotherError as error:
            return problem(400, error.code, str(error))
        try:
            self._watcher.book.admit(findings)
        except BigBrotherError as error:
            return problem(503, error.code, str(error))
        self._watcher.report(findings)
        if refused is not None:
            return problem(400, refused.code, str(refused))
        return JSONResponse({"taken": len(findings)}, headers=HEADERS)


async def _bounded(request: Request, most_bytes: int) -> bytes | None:
    """The body, or None when it is longer."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most_bytes:
            return None
    return bytes(body)
