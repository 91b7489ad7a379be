"""The face unit goes by the document as it is now, not as it was at its start."""

import asyncio

import structlog

from bigbrother.face.api.services import FaceServices
from bigbrother.runbook.following import Follower

_log = structlog.get_logger("bigbrother.face")


async def follow_document(services: FaceServices) -> None:
    """Takes every published document up until it is cancelled; never stops by itself.

    The file is looked at and read in a thread; only what was found is put in force here.
    """
    if services.published_runbook is None:
        return
    follower = Follower(services.published_runbook, services.runbook)
    while True:
        try:
            runbook = await asyncio.to_thread(follower.look)
            if runbook is not None:
                services.follow(runbook)
        except Exception as error:  # noqa: BLE001 - the last document stays in force
            _log.error("the document could not be followed", exc_info=error)
        await asyncio.sleep(services.runbook.serving.document_every.value)
