"""What the watcher answers over HTTP: signs of life, figures, acknowledgements, alerts sent in."""

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bigbrother.entrypoints.ops.credential import Credential
from bigbrother.entrypoints.ops.figures import figures_text
from bigbrother.entrypoints.ops.pages import AcknowledgePages
from bigbrother.kernel.errors import BigBrotherError
from bigbrother.operations.alerts.intake import parse_sent_in
from bigbrother.operations.response.services import WatcherServices
from bigbrother.operations.response.watcher import Watcher

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
}


def create_app(services: WatcherServices, watcher: Watcher) -> Starlette:
    """The application around a running watcher."""
    credential = Credential.of(services.settings.ops_token_file)
    pages = AcknowledgePages(services, watcher)

    async def livez(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_request: Request) -> Response:
        ready = watcher.lives()
        return PlainTextResponse("ready\n" if ready else "not ready\n", 200 if ready else 503)

    async def metrics(_request: Request) -> Response:
        text = await run_in_threadpool(lambda: figures_text(services, watcher))
        return PlainTextResponse(text, media_type="text/plain; version=0.0.4; charset=utf-8")

    async def ask(request: Request) -> Response:
        return await _page(lambda: pages.ask(request.path_params["token"]))

    async def acknowledge(request: Request) -> Response:
        return await _page(lambda: pages.acknowledge(request.path_params["token"]))

    async def send_in(request: Request) -> Response:
        if not credential.fits(request.headers.get("authorization", "")):
            return _problem(401, "unauthorized", "A bearer token is needed: etc/ops.token.")
        runbook = services.runbook()
        body = await _bounded(request, int(runbook.alerts.largest_request.value))
        if body is None:
            return _problem(413, "request-too-large", "Send fewer alerts at a time.")
        try:
            findings = parse_sent_in(body, runbook, services.clock.now())
            watcher.book.admit(findings)
        except BigBrotherError as error:
            return _problem(400, error.code, str(error))
        watcher.report(findings)
        return JSONResponse({"taken": len(findings)}, headers=_HEADERS)

    return Starlette(
        routes=[
            Route("/livez", livez),
            Route("/readyz", readyz),
            Route("/metrics", metrics),
            Route("/acknowledge/{token}", ask, methods=["GET"]),
            Route("/acknowledge/{token}", acknowledge, methods=["POST"]),
            Route("/api/v2/alerts", send_in, methods=["POST"]),
        ]
    )


async def _page(make: Callable[[], tuple[int, str]]) -> Response:
    status, html = await run_in_threadpool(make)
    return HTMLResponse(html, status, headers=_HEADERS)


async def _bounded(request: Request, most_bytes: int) -> bytes | None:
    """The body, or None when it is longer."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most_bytes:
            return None
    return bytes(body)


def _problem(status: int, code: str, detail: str) -> Response:
    return JSONResponse(
        {
            "type": f"urn:bigbrother:problem:{code}",
            "title": code,
            "status": status,
            "detail": detail,
        },
        status,
        headers=_HEADERS,
        media_type="application/problem+json",
    )
