"""POST /v1/admin/engine/renew: the networks opened anew, and their memory given back."""

import asyncio
import ctypes
import gc
from contextlib import suppress
from typing import Annotated

import psutil
import structlog
from fastapi import APIRouter, Depends, Request

from bigbrother.face.api.access import EngineAccess
from bigbrother.face.api.documentation import refusals
from bigbrother.face.api.schemas.service import EngineRenewedBody
from bigbrother.face.api.services import FaceServices, Services
from bigbrother.models.samples import sample_photo

router = APIRouter(tags=["operation"])
_log = structlog.get_logger("bigbrother.face")


class Renewal:
    """One at a time: two sets of networks beside each other are enough for the memory."""

    def __init__(self, services: FaceServices) -> None:
        self._services = services
        self._photo = sample_photo()
        self._turn = asyncio.Lock()

    async def renew(self) -> EngineRenewedBody:
        """Opens the networks anew; raises EngineNotRenewed, with the old ones in force."""
        services = self._services
        least = services.runbook.health.sample_similarity
        async with self._turn:
            began = services.clock.monotonic_seconds()
            before_bytes = _memory_bytes()
            # What the old networks saw is of no use to whoever asks because he doubts them.
            services.result_cache.forget()
            await asyncio.to_thread(services.analyzer.renew, self._photo, least)
            services.metrics.engine_renewals.inc()
            await asyncio.to_thread(_give_back)
            return EngineRenewedBody(
                seconds=services.clock.monotonic_seconds() - began,
                memory_bytes_before=before_bytes,
                memory_bytes_after=_memory_bytes(),
            )


def _renewal(request: Request) -> Renewal:
    found: Renewal = request.app.state.renewal
    return found


@router.post(
    "/v1/admin/engine/renew",
    summary="Open the networks anew",
    responses=refusals(401, 403, 503),
)
async def renew_engine(
    _services: Services, caller: EngineAccess, renewal: Annotated[Renewal, Depends(_renewal)]
) -> EngineRenewedBody:
    """Opens fresh sessions beside those in use, proves them, and gives the old ones' memory back.

    No request fails meanwhile. Kept analyses are forgotten.
    """
    done = await renewal.renew()
    _log.info("the engine was renewed", token=caller.name, **done.model_dump())
    return done


def _memory_bytes() -> int:
    found: int = psutil.Process().memory_info().rss
    return found


def _give_back() -> None:
    gc.collect()
    # Only glibc has it; elsewhere freed memory goes back in its own time.
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
