"""Runs calls in an event loop, which goes on with other tasks meanwhile."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, aclosing, closing
from typing import Any, TypeVar

import httpx

from bigbrother.client.connection import as_sent
from bigbrother.client.request import Body
from bigbrother.client.steps import (
    Answer,
    Call,
    Deliver,
    Exchange,
    Open,
    Pause,
    ReadOn,
    Running,
    Step,
    Stream,
    Work,
)

T = TypeVar("T")


class Waiting:
    """Carries out what calls ask for; safe to share between tasks of one event loop.

    A task that is cancelled closes its connection on the way out.
    """

    def __init__(self, http: httpx.AsyncClient, pause: Callable[[float], Awaitable[None]]) -> None:
        self.http = http
        self.pause = pause

    async def run(self, call: Call[T]) -> T:
        """The call's answer."""
        with closing(Running(call)) as running:
            async with aclosing(_Hands(self)) as hands:
                return (await hands.go_on(running)).value

    async def stream(self, stream: Stream[T]) -> AsyncGenerator[T, None]:
        """What the stream delivers, while it is read."""
        with closing(Running(stream)) as running:
            async with aclosing(_Hands(self)) as hands:
                while isinstance(found := await hands.go_on(running), Deliver):
                    yield found.value


class _Hands:
    """The hands of one call; they hold one line at the most."""

    def __init__(self, waiting: Waiting) -> None:
        self._http = waiting.http
        self._pause = waiting.pause
        self._line = AsyncExitStack()
        self._arriving: AsyncIterator[bytes]

    async def aclose(self) -> None:
        await self._line.aclose()

    async def go_on(self, running: Running[T]) -> Deliver[Any] | Answer[T]:
        """Steps on to the next item, or to the answer."""
        while True:
            step = running.step()
            if isinstance(step, Deliver | Answer):
                return step
            try:
                running.give(await self._carry_out(step))
            except httpx.HTTPError as error:
                running.fail(error)

    async def _carry_out(self, step: Step) -> object:
        match step:
            case Exchange(request, body):
                content = body.content if body.pieces is None else _told(body.pieces(), body.tell)
                return await self._http.send(as_sent(self._http, request, body, content))
            case Open(request):
                return await self._open(as_sent(self._http, request, Body(), b""))
            case ReadOn():
                return await anext(self._arriving, None)
            case Pause(seconds):
                await self._pause(seconds)
                return None
            case Work(act):
                return await asyncio.to_thread(act)

    async def _open(self, request: httpx.Request) -> httpx.Response:
        await self._line.aclose()
        response = await self._http.send(request, stream=True)
        self._line.push_async_callback(response.aclose)
        if response.is_success:
            self._arriving = response.aiter_bytes()
        else:
            await response.aread()
        return response


async def _told(pieces: Iterator[bytes], tell: Callable[[int], None]) -> AsyncIterator[bytes]:
    """The pieces of a body, read in threads, each told of once it is sent."""
    sent_bytes = 0
    while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
        yield piece
        sent_bytes += len(piece)
        tell(sent_bytes)
