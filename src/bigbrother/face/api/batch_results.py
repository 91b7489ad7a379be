"""Results as lines of JSON while they come to be: page by page, none kept in memory."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from uuid import UUID

from bigbrother.face.api.database import Connection
from bigbrother.face.api.errors import DatabaseUnavailable
from bigbrother.face.api.services import FaceServices
from bigbrother.face.batch import results
from bigbrother.face.batch.errors import BatchNotFound
from bigbrother.face.batch.records import ItemResult

_KEEP_ALIVE = b"\n"


class ResultLines:
    """The lines of one batch behind a position; `next_page` reads on from where it was."""

    def __init__(self, services: FaceServices, batch_id: UUID, after: int) -> None:
        self._services = services
        self._batch_id = batch_id
        self._after = after

    async def next_page(self) -> tuple[bytes, bool]:
        """Some lines, and whether they were the last.

        Raises BatchNotFound, DatabaseUnavailable.
        """
        # Opened and written as JSON in the database's thread: both take a core for a moment.
        lines, after, last = await self._services.database.run(self._read)
        self._after = after
        return lines, last

    def _read(self, conn: Connection) -> tuple[bytes, int, bool]:
        page = results.page(
            conn,
            self._batch_id,
            after=self._after,
            limit=self._services.runbook.limits.page_size,
            master_key=self._services.master_key,
            now=self._services.clock.now(),
        )
        after = page.results[-1].position if page.results else self._after
        return b"".join(map(_line, page.results)), after, page.last


async def tell(
    services: FaceServices, lines: ResultLines, first: tuple[bytes, bool], *, follow: bool
) -> AsyncIterator[bytes]:
    """The first page and all behind it; with `follow` also those to come, until the batch ends.

    Ends early when the unit is about to stop, so that the follower asks another, or again.
    """
    figures = services.runbook.batch
    told_seconds = services.clock.monotonic_seconds()
    page, last = first
    while True:
        if page:
            yield page
            told_seconds = services.clock.monotonic_seconds()
        elif last or not follow:
            return
        else:
            waited_seconds = services.clock.monotonic_seconds() - told_seconds
            if waited_seconds >= figures.follow_keepalive.value:
                yield _KEEP_ALIVE
                told_seconds = services.clock.monotonic_seconds()
            await asyncio.sleep(figures.follow_every.value)
        if services.draining:
            return
        try:
            page, last = await lines.next_page()
        except DatabaseUnavailable:
            # Whoever follows is patient; whoever does not hears that the answer breaks off.
            if not follow:
                raise
            page, last = b"", False
        except BatchNotFound:
            return


def _line(result: ItemResult) -> bytes:
    refusal = result.refusal
    told = {
        "position": result.position,
        "number": result.number,
        "name": result.name,
        "external_id": result.external_id,
        "state": result.state,
        "answer": result.answer,
        "error": None if refusal is None else asdict(refusal),
        "done_at": result.done_at.isoformat().replace("+00:00", "Z"),
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
