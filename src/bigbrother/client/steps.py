"""What a call asks of the world, step by step. The calls themselves touch neither line nor clock.

A call is a generator: it yields steps and gets their outcomes, until it returns its answer. Who
runs it decides how a step waits: `blocking` in the calling thread, `waiting` in an event loop. So
each call, with its tries and errors, is written once.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeAlias, TypeVar

from bigbrother.client.request import Body, Request

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Exchange:
    """Send a request. Outcome: the httpx.Response, read whole. Raises httpx.HTTPError."""

    request: Request
    body: Body


@dataclass(frozen=True, slots=True)
class Open:
    """Send a request without a body and leave the line open for `ReadOn`; an earlier line closes.

    Outcome: the httpx.Response; one that is no success is read whole. Raises httpx.HTTPError.
    """

    request: Request


@dataclass(frozen=True, slots=True)
class ReadOn:
    """Outcome: the next bytes of the open line, or None at its end. Raises httpx.HTTPError."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Outcome: None, after the time."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Work(Generic[T]):
    """Outcome: what the function gives; it may take a while (reads files, encodes pictures)."""

    act: Callable[[], T]


@dataclass(frozen=True, slots=True)
class Deliver(Generic[T_co]):
    """Hand an item to who reads the stream. Outcome: None, once the next one is asked for."""

    value: T_co


Step: TypeAlias = Exchange | Open | ReadOn | Pause | Work[Any]
Call: TypeAlias = Generator[Step, Any, T]
"""Returns the answer."""
Stream: TypeAlias = Generator[Step | Deliver[T], Any, None]
"""Delivers items on its way."""


@dataclass(frozen=True, slots=True)
class Answer(Generic[T_co]):
    """What a call returned."""

    value: T_co


class Running(Generic[T]):
    """A call under way: what it asks for next, and what came of it."""

    def __init__(self, call: Generator[Any, Any, T]) -> None:
        self._call = call
        self._resume: Callable[[], Any] = partial(next, call)

    def close(self) -> None:
        """Ends the call where it stands."""
        self._call.close()

    def step(self) -> Step | Deliver[Any] | Answer[T]:
        """The next step, item or, at the end, answer. Raises what the call raises."""
        try:
            asked: Step | Deliver[Any] = self._resume()
        except StopIteration as ended:
            return Answer(ended.value)
        self.give(None)
        return asked

    def give(self, outcome: object) -> None:
        """The outcome of the step."""
        self._resume = partial(self._call.send, outcome)

    def fail(self, error: Exception) -> None:
        """The step failed; the call may have an answer to that."""
        self._resume = partial(self._call.throw, error)
