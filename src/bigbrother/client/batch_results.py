"""What comes of a batch, told while it is worked through, across restarts of the service."""

from collections.abc import Callable

from pydantic import ValidationError

from bigbrother.client.batch_answers import Batch, ItemResult
from bigbrother.client.errors import ServiceUnavailable
from bigbrother.client.problems import not_understood
from bigbrother.client.request import Request, path_of
from bigbrother.client.service import Service
from bigbrother.client.steps import Call, Deliver, Pause, Stream


def read_results(
    service: Service, batch_id: str, *, after: int, follow: bool
) -> Stream[ItemResult]:
    """Every result behind a position, once; with `follow` until the batch has ended."""
    policy = service.policy
    tries = 0
    while True:
        try:
            yield from service.open(_results(service, batch_id, after=after, follow=follow))
            # From here on somebody is in the middle of reading.
            policy = service.patient
            incomplete, behind = b"", after
            while (piece := (yield from service.read_on())) is not None:
                tries = 0
                *lines, incomplete = (incomplete + piece).split(b"\n")
                # Empty lines say that the service is still there.
                for line in filter(None, lines):
                    result = _result(service, line)
                    if result.position > after:
                        after = result.position
                        yield Deliver(result)
            if incomplete:
                raise _ended_early(service)
            if follow and (yield from _state(service, batch_id)).running:
                raise _ended_early(service)
            # A service about to stop ends its answers early; one that tells nothing has no more.
            if not follow and after == behind:
                return
            follow = False
        except ServiceUnavailable as error:
            tries += 1
            pause_seconds = policy.pause_before_next(tries, error)
        else:
            continue
        yield Pause(pause_seconds)


def wait_for(
    service: Service, batch_id: str, progress: Callable[[Batch], None] | None
) -> Call[Batch]:
    """The batch once it has ended."""
    batch = yield from service.answer(_batch(batch_id), Batch)
    while True:
        if progress is not None:
            progress(batch)
        if not batch.running:
            return batch
        yield Pause(service.poll_every_seconds)
        batch = yield from _state(service, batch_id)


def _state(service: Service, batch_id: str) -> Call[Batch]:
    return service.answer(_batch(batch_id), Batch, service.patient)


def _batch(batch_id: str) -> Request:
    return Request("GET", path_of("batches", batch_id), repeatable=True)


def _results(service: Service, batch_id: str, *, after: int, follow: bool) -> Request:
    return Request(
        "GET",
        path_of("batches", batch_id, "results"),
        repeatable=True,
        params={"after": after, "follow": "true" if follow else "false"},
        answer_within_seconds=service.longest_silence_seconds,
    )


def _result(service: Service, line: bytes) -> ItemResult:
    try:
        return ItemResult.model_validate_json(line)
    except ValidationError as error:
        raise not_understood(service.url) from error


def _ended_early(service: Service) -> ServiceUnavailable:
    return ServiceUnavailable(
        f"{service.url} ended the results before their end.",
        remedy="Look at it with 'bigbrother status', and ask again after the last position.",
        code="results-ended-early",
    )
