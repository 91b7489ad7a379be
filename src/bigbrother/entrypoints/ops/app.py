"""What the watcher answers over HTTP: signs of life, figures, links of messages, runs, alerts."""

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from bigbrother.entrypoints.ops.figures import figures_text
from bigbrother.entrypoints.ops.headers import HEADERS
from bigbrother.entrypoints.ops.pages import AcknowledgePages
from bigbrother.entrypoints.ops.run_pages import RunPages
from bigbrother.entrypoints.ops.runs_api import RunsApi
from bigbrother.entrypoints.ops.sent_in import SentIn
from bigbrother.operations.response.services import WatcherServices
from bigbrother.operations.response.watcher import Watcher


def create_app(services: WatcherServices, watcher: Watcher) -> Starlette:
    """The application around a running watcher."""
    sent_in = SentIn(services, watcher)
    pages = AcknowledgePages(services, watcher)
    runs = RunsApi(services)
    run_pages = RunPages(services, watcher)

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

    async def run_page(request: Request) -> Response:
        return await _page(lambda: run_pages.show(request.path_params["token"]))

    async def approve(request: Request) -> Response:
        return await _page(lambda: run_pages.decide(request.path_params["token"], "approve"))

    async def reject(request: Request) -> Response:
        return await _page(lambda: run_pages.decide(request.path_params["token"], "reject"))

    return Starlette(
        routes=[
            Route("/livez", livez),
            Route("/readyz", readyz),
            Route("/metrics", metrics),
            Route("/acknowledge/{token}", ask, methods=["GET"]),
            Route("/acknowledge/{token}", acknowledge, methods=["POST"]),
            Route("/runs/{token}", run_page, methods=["GET"]),
            Route("/runs/{token}/approve", approve, methods=["POST"]),
            Route("/runs/{token}/reject", reject, methods=["POST"]),
            Route("/api/v1/runs", runs.list, methods=["GET"]),
            Route("/api/v1/runs/{run_id}", runs.show, methods=["GET"]),
            Route("/api/v1/runs/{run_id}/events", runs.events, methods=["GET"]),
            Route("/api/v2/alerts", sent_in.take, methods=["POST"]),
        ]
    )


async def _page(make: Callable[[], tuple[int, str]]) -> Response:
    status, html = await run_in_threadpool(make)
    return HTMLResponse(html, status, headers=HEADERS)
