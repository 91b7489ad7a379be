"""Each method of the client is written once, and blocks or is awaited as its client does."""

import inspect
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Iterator
from functools import update_wrapper
from types import GenericAlias
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, get_args, get_origin, overload

from bigbrother.client.blocking import Blocking
from bigbrother.client.service import Service
from bigbrother.client.steps import Call, Deliver, Stream
from bigbrother.client.waiting import Waiting

P = ParamSpec("P")
T = TypeVar("T")
Mode = TypeVar("Mode", bound=Blocking | Waiting)


class Resource(Generic[Mode]):
    """A part of a service, called in one mode."""

    def __init__(self, service: Service, mode: Mode) -> None:
        self._service = service
        self._mode = mode

    def _run(self, call: Call[Any]) -> Any:  # noqa: ANN401 - the answer, or what is awaited for it
        """Runs a call as this mode does."""
        return self._mode.run(call)

    def _stream(self, stream: Stream[Any]) -> Any:  # noqa: ANN401 - either kind of generator
        """Reads a stream as this mode does."""
        return self._mode.stream(stream)


class Method(Generic[P, T]):
    """Makes the call that the decorated function builds.

    `client.subjects.get(...)` is a Subject; of an AsyncFaceClient it is awaited for one.
    """

    def __init__(self, build: Callable[Concatenate[Any, P], Call[T]]) -> None:
        self._build = build
        # Call[T] is a generator that returns T: its third argument.
        answer = get_args(inspect.signature(build).return_annotation)[2]
        self._signature = _seen_from_outside(build, answer)

    @overload
    def __get__(self, resource: None, owner: type) -> Callable[Concatenate[Any, P], Call[T]]: ...
    @overload
    def __get__(self, resource: Resource[Blocking], owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(
        self, resource: Resource[Waiting], owner: type
    ) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, resource: Resource[Any] | None, owner: type) -> Callable[..., Any]:
        if resource is None:
            return self._build

        def method(*args: P.args, **kwargs: P.kwargs) -> Any:  # noqa: ANN401
            call = self._build(resource, *args, **kwargs)
            return resource._run(call)  # noqa: SLF001 - this is a method of the resource

        return _shown_as(method, self._build, self._signature)


class Streaming(Generic[P, T]):
    """Reads the stream that the decorated function builds, item by item.

    `client.subjects.list(...)` is iterated; of an AsyncFaceClient by `async for`.
    """

    def __init__(self, build: Callable[Concatenate[Any, P], Stream[T]]) -> None:
        self._build = build
        steps = get_args(inspect.signature(build).return_annotation)[0]
        (item,) = (get_args(step)[0] for step in get_args(steps) if get_origin(step) is Deliver)
        self._signature = _seen_from_outside(build, GenericAlias(Iterator, (item,)))

    @overload
    def __get__(self, resource: None, owner: type) -> Callable[Concatenate[Any, P], Stream[T]]: ...
    @overload
    def __get__(
        self, resource: Resource[Blocking], owner: type
    ) -> Callable[P, Generator[T, None, None]]: ...
    @overload
    def __get__(
        self, resource: Resource[Waiting], owner: type
    ) -> Callable[P, AsyncGenerator[T, None]]: ...
    def __get__(self, resource: Resource[Any] | None, owner: type) -> Callable[..., Any]:
        if resource is None:
            return self._build

        def method(*args: P.args, **kwargs: P.kwargs) -> Any:  # noqa: ANN401
            stream = self._build(resource, *args, **kwargs)
            return resource._stream(stream)  # noqa: SLF001 - this is a method of the resource

        return _shown_as(method, self._build, self._signature)


def _shown_as(
    method: Callable[..., Any], build: Callable[..., Any], signature: inspect.Signature
) -> Callable[..., Any]:
    update_wrapper(method, build)
    method.__signature__ = signature  # type: ignore[attr-defined]  # read by inspect and help()
    return method


def _seen_from_outside(build: Callable[..., Any], answer: object) -> inspect.Signature:
    """Without the resource, and with what the caller gets."""
    signature = inspect.signature(build)
    (_, *parameters) = signature.parameters.values()
    return signature.replace(parameters=parameters, return_annotation=answer)
