"""/health, /livez, /readyz: whether the service works, lives, and takes requests."""

import asyncio
import math
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from bigbrother.face.api.schemas.service import (
    AliveBody,
    CheckBody,
    HealthBody,
    ReadyBody,
    WatcherBody,
)
from bigbrother.face.api.self_test import SelfTest
from bigbrother.face.api.services import FaceServices, Services

router = APIRouter(tags=["operation"])


def _self_test_of(request: Request) -> SelfTest:
    self_test: SelfTest = request.app.state.self_test
    return self_test


Test = Annotated[SelfTest, Depends(_self_test_of)]


def _unavailable(model: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    return {503: {"description": "A check failed; `checks` says which.", "model": model}}


@router.get(
    "/health",
    summary="Does it work?",
    response_model=HealthBody,
    responses=_unavailable(HealthBody),
)
async def health(request: Request, services: Services, self_test: Test) -> Response:
    """Analyses the sample photo, compares the result, and asks the database.

    Needs no token. Answers are repeated for the runbook's `health.cached_for`.
    """
    checks = await _checks(self_test)
    healthy = all(check.status == "passed" for check in checks.values())
    started_seconds: float = request.app.state.started_seconds
    body = HealthBody(
        status="healthy" if healthy else "unhealthy",
        checks=checks,
        version=services.version,
        uptime_seconds=round(services.clock.monotonic_seconds() - started_seconds, 3),
        watcher=_watcher(services),
    )
    return _answer(body, services, passed=healthy)


@router.get("/livez", summary="Does it live?", response_model=AliveBody)
async def livez() -> AliveBody:
    """The process answers; nothing else is looked at."""
    return AliveBody(status="alive")


@router.get(
    "/readyz",
    summary="Does it take requests?",
    response_model=ReadyBody,
    responses=_unavailable(ReadyBody),
)
async def readyz(services: Services, self_test: Test) -> Response:
    """The model is loaded, the database answers, and the unit is not about to stop.

    Nor are there erasures that this copy of the database has still to carry out.
    """
    database = await self_test.database.result()
    refusal = services.rights.refusal
    checks = {
        "model": CheckBody(status="passed"),
        "database": database,
        "erasures": CheckBody(status="passed")
        if refusal is None
        else CheckBody(status="failed", detail=refusal.detail),
        "accepting": CheckBody(status="failed", detail="the unit is about to stop")
        if services.draining
        else CheckBody(status="passed"),
    }
    ready = all(check.status == "passed" for check in checks.values())
    services.metrics.ready.set(ready)
    body = ReadyBody(status="ready" if ready else "not-ready", checks=checks)
    return _answer(body, services, passed=ready)


async def _checks(self_test: SelfTest) -> dict[str, CheckBody]:
    model, database = await asyncio.gather(self_test.model.result(), self_test.database.result())
    return {"model": model, "database": database}


def _watcher(services: FaceServices) -> WatcherBody:
    try:
        seen_at = datetime.fromtimestamp(services.watcher_sign.stat().st_mtime, UTC)
    except OSError:
        return WatcherBody(seen_at=None, silent_seconds=None)
    silent_seconds = (services.clock.now() - seen_at).total_seconds()
    return WatcherBody(seen_at=seen_at, silent_seconds=round(silent_seconds, 3))


def _answer(body: BaseModel, services: FaceServices, *, passed: bool) -> Response:
    headers = {"Cache-Control": "no-store"}
    if not passed:
        headers["Retry-After"] = str(math.ceil(services.runbook.limits.retry_after.value))
    return Response(
        body.model_dump_json(),
        status_code=200 if passed else 503,
        media_type="application/json",
        headers=headers,
    )
