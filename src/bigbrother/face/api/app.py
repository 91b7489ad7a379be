"""The application: every resource, in one list."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse

from bigbrother.face.api import (
    analyze,
    batches,
    collections,
    engine,
    export,
    faces,
    health,
    identify,
    metrics,
    models,
    subjects,
    tokens,
    verify,
)
from bigbrother.face.api.documentation import openapi_document
from bigbrother.face.api.documentation_page import documentation_page
from bigbrother.face.api.following import follow_document
from bigbrother.face.api.observation import Observation
from bigbrother.face.api.problems import install_problems
from bigbrother.face.api.self_test import SelfTest
from bigbrother.face.api.services import FaceServices
from bigbrother.runbook.model import Runbook

_RESOURCES = (
    analyze,
    verify,
    identify,
    collections,
    subjects,
    export,
    faces,
    batches,
    models,
    tokens,
    engine,
    health,
    metrics,
)


def create_app(services: FaceServices) -> FastAPI:
    """The ASGI application; analyses the sample photo once, which warms the engine up.

    It opens the database's connections when it starts, waiting for none, and closes them and the
    engine's threads when it ends.
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        services.pool.open()
        services.rights.start()
        following = asyncio.create_task(follow_document(services))
        yield
        following.cancel()
        services.rights.stop()
        services.gate.close()
        services.pool.close()

    app = FastAPI(
        version=services.version,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # Newer versions export traces with request bodies when an environment variable says so.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
        lifespan=lifespan,
    )
    app.state.services = services
    app.state.self_test = SelfTest(services)
    app.state.renewal = engine.Renewal(services)
    app.state.numbers_flight = metrics.numbers_flight(services)
    app.state.started_seconds = services.clock.monotonic_seconds()
    for resource in _RESOURCES:
        app.include_router(resource.router)
    install_problems(app, lambda: services.runbook)
    _install_documentation(app, services)
    app.add_middleware(Observation, services=services)
    return app


def _install_documentation(app: FastAPI, services: FaceServices) -> None:
    written: list[tuple[Runbook, dict[str, Any]]] = []

    def document() -> dict[str, Any]:
        runbook = services.runbook
        if not written or written[0][0] is not runbook:
            written[:] = [(runbook, openapi_document(app, runbook))]
        return written[0][1]

    async def openapi() -> JSONResponse:
        return JSONResponse(document())

    async def page(request: Request) -> HTMLResponse:
        return HTMLResponse(documentation_page(document(), str(request.base_url).rstrip("/")))

    app.add_api_route("/api/openapi.json", openapi, include_in_schema=False)
    app.add_api_route("/api/docs", page, include_in_schema=False)
