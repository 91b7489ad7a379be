"""Runs over HTTP, for programs: the list, one, and what happens in it while it happens."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from sqlite3 import Connection
from typing import TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from bigbrother.entrypoints.ops.bearer import problem, refusal
from bigbrother.entrypoints.ops.credential import Credential
from bigbrother.entrypoints.ops.headers import HEADERS
from bigbrother.kernel.errors import BigBrotherError
from bigbrother.operations.procedures import history
from bigbrother.operations.procedures.as_json import event_json, run_json, whole_json
from bigbrother.operations.procedures.records import ENDED, Run, RunEvent
from bigbrother.operations.response.services import WatcherServices

T = TypeVar("T")
_EVENTS_AT_ONCE = 500
# Python itself refuses to read numbers of thousands of digits.
_LONGEST_NUMBER = 9


class RunsApi:
    """Answers whoever has the watcher's token."""

    def __init__(self, services: WatcherServices) -> None:
        self._services = services
        self._credential = Credential.of(services.settings.ops_token_file)

    async def list(self, request: Request) -> Response:
        """GET /api/v1/runs?limit=N: the newest first."""
        refused = refusal(self._credential, request)
        if refused is not None:
            return refused
        limits = self._services.runbook().limits
        asked = request.query_params.get("limit", str(limits.page_size))
        if (
            not asked.isascii()
            or not asked.isdigit()
            or len(asked) > _LONGEST_NUMBER
            or not 1 <= int(asked) <= (limits.largest_page_size)
        ):
            return problem(
                400, "invalid-input", f"limit is a number from 1 to {limits.largest_page_size}."
            )
        runs = await self._read(lambda conn: history.list_runs(conn, limit=int(asked)))
        return JSONResponse({"items": [run_json(run) for run in runs]}, headers=HEADERS)

    async def show(self, request: Request) -> Response:
        """GET /api/v1/runs/{id}: one with its steps and approvals."""

        def work(conn: Connection) -> dict[str, object]:
            run = history.find_run(conn, request.path_params["run_id"])
            return whole_json(run, history.attempts(conn, run.id), history.approvals(conn, run.id))

        refused = refusal(self._credential, request)
        if refused is not None:
            return refused
        try:
            return JSONResponse(await self._read(work), headers=HEADERS)
        except BigBrotherError as error:
            return problem(404, error.code, str(error))

    async def events(self, request: Request) -> Response:
        """GET /api/v1/runs/{id}/events: server-sent events until the run has ended.

        Last-Event-ID names the last event that the caller has. `run.over` is the last one.
        """
        refused = refusal(self._credential, request)
        if refused is not None:
            return refused
        after = request.headers.get("last-event-id", "0")
        if not after.isascii() or not after.isdigit():
            return problem(400, "invalid-input", "Last-Event-ID is the id of an event.")
        reference = request.path_params["run_id"]
        try:
            run = await self._read(lambda conn: history.find_run(conn, reference))
        except BigBrotherError as error:
            return problem(404, error.code, str(error))
        # An id that no event has yet, however long, means that the caller has all of them.
        last = min(int(after[:19] or 0), 2**63 - 1)
        return StreamingResponse(
            self._stream(run.id, last), headers=HEADERS, media_type="text/event-stream"
        )

    async def _stream(self, run_id: str, after: int) -> AsyncIterator[str]:
        figures = self._services.runbook().procedures
        silent_seconds = 0.0
        while True:
            # The state first: whatever happened before it ended is among the events then.
            run = await self._read(lambda conn: history.known_run(conn, run_id))
            events = await self._events(run_id, after)
            for event in events:
                yield _message(event)
                after = event.id
            if events:
                silent_seconds = 0.0
            elif run is None or run.state in ENDED:
                yield f"event: run.over\ndata: {json.dumps({'state': _state(run)})}\n\n"
                return
            else:
                await asyncio.sleep(figures.look_every.value)
                silent_seconds += figures.look_every.value
                if silent_seconds >= figures.keep_alive.value:
                    silent_seconds = 0.0
                    yield ": still here\n\n"

    async def _events(self, run_id: str, after: int) -> tuple[RunEvent, ...]:
        return await self._read(
            lambda conn: history.events(conn, run_id, after=after, limit=_EVENTS_AT_ONCE)
        )

    async def _read(self, work: Callable[[Connection], T]) -> T:
        return await run_in_threadpool(lambda: self._services.store.read(work))


def _message(event: RunEvent) -> str:
    return f"id: {event.id}\nevent: {event.kind}\ndata: {json.dumps(event_json(event))}\n\n"


def _state(run: Run | None) -> str | None:
    return None if run is None else run.state
