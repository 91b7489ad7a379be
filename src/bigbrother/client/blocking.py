"""Runs calls in the thread that makes them."""

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing
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


class Blocking:
    """Carries out what calls ask for; safe to share between threads."""

    def __init__(self, http: httpx.Client, pause: Callable[[float], None]) -> None:
        self.http = http
        self.pause = pause

    def run(self, call: Call[T]) -> T:
        """The call's answer."""
        with closing(Running(call)) as running, closing(_Hands(self)) as hands:
            return hands.go_on(running).value

    def stream(self, stream: Stream[T]) -> Generator[T, None, None]:
        """What the stream delivers, while it is read."""
        with closing(Running(stream)) as running, closing(_Hands(self)) as hands:
            while isinstance(found := hands.go_on(running), Deliver):
                yield found.value


class _Hands:
    """The hands of one call; they hold one line at the most."""

    def __init__(self, blocking: Blocking) -> None:
        self._http = blocking.http
        self._pause = blocking.pause
        self._line = ExitStack()
        self._arriving: Iterator[bytes] = iter(())

    def close(self) -> None:
        self._line.close()

    def go_on(self, running: Running[T]) -> Deliver[Any] | Answer[T]:
        """Steps on to the next item, or to the answer."""
        while True:
            step = running.step()
            if isinstance(step, Deliver | Answer):
                return step
            try:
                running.give(self._carry_out(step))
            except httpx.HTTPError as error:
                running.fail(error)

    def _carry_out(self, step: Step) -> object:
        match step:
            case Exchange(request, body):
                content = body.content if body.pieces is None else _told(body.pieces(), body.tell)
                return self._http.send(as_sent(self._http, request, body, content))
            case Open(request):
                return self._open(as_sent(self._http, request, Body(), b""))
            case ReadOn():
                return next(self._arriving, None)
            case Pause(seconds):
                return self._pause(seconds)
            case Work(act):
                return act()

    def _open(self, request: httpx.Request) -> httpx.Response:
        self._line.close()
        response = self._http.send(request, stream=True)
        self._line.callback(response.close)
        if response.is_success:
            self._arriving = response.iter_bytes()
        else:
            response.read()
        return response


def _told(pieces: Iterator[bytes], tell: Callable[[int], None]) -> Iterator[bytes]:
    """The pieces of a body, each told of once it is sent."""
    sent_bytes = 0
    for piece in pieces:
        yield piece
        sent_bytes += len(piece)
        tell(sent_bytes)
