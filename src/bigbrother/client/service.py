"""A service as calls see it: its address, how patient they are, and what its answers mean."""

from dataclasses import dataclass
from typing import Generic, TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from bigbrother.client.errors import ServiceUnavailable
from bigbrother.client.problems import (
    never_arrived,
    no_answer,
    not_understood,
    refusal,
    timed_out,
)
from bigbrother.client.request import Body, Request
from bigbrother.client.results import Result
from bigbrother.client.retries import RetryPolicy
from bigbrother.client.steps import Call, Deliver, Exchange, Open, Pause, ReadOn, Stream, Work

Kind = TypeVar("Kind", bound=BaseModel)
Item = TypeVar("Item", bound=Result)


class _Page(BaseModel, Generic[Item]):
    model_config = ConfigDict(frozen=True)

    items: tuple[Item, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Service:
    """One face analyzer. Its methods are calls: nothing is sent until somebody runs them."""

    url: str
    policy: RetryPolicy
    """For a request of its own."""
    patient: RetryPolicy
    """For who is in the middle of something long: a restart of the service is waited for."""
    poll_every_seconds: float
    longest_silence_seconds: float
    """Within an answer that tells of events as they come."""
    longest_upload_seconds: float

    def answer(
        self, request: Request, kind: type[Kind], policy: RetryPolicy | None = None
    ) -> Call[Kind]:
        """Asks, and reads the answer as the given type."""
        return self.read((yield from self.send(request, policy)), kind)

    def done(self, request: Request) -> Call[None]:
        """Asks for something that is answered with nothing."""
        yield from self.send(request)

    def read(self, response: httpx.Response, kind: type[Kind]) -> Kind:
        """The body of an answer as the given type."""
        try:
            return kind.model_validate_json(response.content)
        except ValidationError as error:
            raise not_understood(self.url, response.status_code) from error

    def send(self, request: Request, policy: RetryPolicy | None = None) -> Call[httpx.Response]:
        """Asks, again where that is safe and can help, for a good answer.

        Raises a ClientError otherwise.
        """
        policy = policy or self.policy
        body = request.body
        if not isinstance(body, Body):
            body = yield Work(body)
        repeatable = request.repeatable and body.rereadable
        tries = 0
        while True:
            tries += 1
            try:
                return self.checked((yield from self.exchange(request, body)))
            except ServiceUnavailable as error:
                if not (repeatable or never_arrived(error)):
                    raise
                if timed_out(error) and not policy.after_timeouts:
                    raise
                pause_seconds = policy.pause_before_next(tries, error)
            yield Pause(pause_seconds)

    def exchange(self, request: Request, body: Body) -> Call[httpx.Response]:
        """One try, whatever its status. Raises ServiceUnreachable when no answer came."""
        try:
            response: httpx.Response = yield Exchange(request, body)
        except httpx.HTTPError as error:
            raise no_answer(self.url, error) from error
        return response

    def open(self, request: Request) -> Call[httpx.Response]:
        """One try of a request whose answer is read piece by piece, with `read_on`."""
        try:
            response: httpx.Response = yield Open(request)
        except httpx.HTTPError as error:
            raise no_answer(self.url, error) from error
        return self.checked(response)

    def read_on(self) -> Call[bytes | None]:
        """The next bytes of the open line; None at its end."""
        try:
            piece: bytes | None = yield ReadOn()
        except httpx.HTTPError as error:
            raise no_answer(self.url, error) from error
        return piece

    def pages(
        self,
        path: str,
        kind: type[Item],
        *,
        page_size: int | None = None,
        **filters: str | None,
    ) -> Stream[Item]:
        """Every item of a listing, fetched page by page while it is read."""
        cursor: str | None = None
        while True:
            asked = {"cursor": cursor, "limit": page_size, **filters}
            params = {name: value for name, value in asked.items() if value is not None}
            page = yield from self.answer(
                Request("GET", path, repeatable=True, params=params),
                _Page[kind],  # type: ignore[valid-type]  # a model made for this kind of item
            )
            for item in page.items:
                yield Deliver(item)
            cursor = page.next_cursor
            if cursor is None:
                return

    def checked(self, response: httpx.Response) -> httpx.Response:
        """The answer, if it is a good one. Raises a ClientError otherwise."""
        if response.is_success:
            return response
        raise refusal(self.url, response)
