"""Requests of our own to the face analyzer, to measure how it answers."""

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median

from bigbrother.models.samples import sample_photo
from bigbrother.operations.procedures.action import ActionServices
from bigbrother.operations.procedures.outcome import StepFailed
from bigbrother.ports.face_service import FaceServiceUnreachable

_TAIL_BYTES = 16


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of the requests."""

    answers: int
    failures: int
    seconds: float
    """Of all together."""
    median_seconds: float
    """Of one."""
    cpu_busy_ratio: float

    @property
    def per_second(self) -> float:
        """Answers in a second."""
        return self.answers / self.seconds


def ask_for_a_while(services: ActionServices, *, fresh: bool, at_once: int) -> Answered:
    """Sends the sample photo for `tuning.measure_for`, so many requests at once.

    `fresh`: each image is one that nobody has seen before; otherwise it is always the same.
    Raises StepFailed where nothing is answered.
    """
    clock = services.clock
    within_seconds = services.runbook.client.timeout.value
    photo = sample_photo()
    services.host.cpu_busy_ratio()
    began = clock.monotonic_seconds()
    until = began + services.runbook.tuning.measure_for.value

    def one_after_the_other() -> list[float | None]:
        taken: list[float | None] = []
        # At least one each, however short the time is.
        while not taken or clock.monotonic_seconds() < until:
            taken.append(_seconds(services, fresh_copy(photo) if fresh else photo, within_seconds))
        return taken

    with ThreadPoolExecutor(at_once) as threads:
        running = [threads.submit(one_after_the_other) for _ in range(at_once)]
        taken = [seconds for each in running for seconds in each.result()]
    seconds = clock.monotonic_seconds() - began
    answered = [each for each in taken if each is not None]
    if not answered:
        raise StepFailed(
            "The face analyzer answers no request.",
            remedy="Run: bigbrother run service_recovery.face_analyzer.",
        )
    return Answered(
        len(answered),
        len(taken) - len(answered),
        seconds,
        median(answered),
        services.host.cpu_busy_ratio(),
    )


def ask_once(services: ActionServices) -> float | None:
    """How many seconds the sample photo takes; None where it is not answered."""
    return _seconds(services, sample_photo(), services.runbook.client.timeout.value)


def fresh_copy(photo: bytes) -> bytes:
    """The same picture as another file: what comes after a JPEG's end is not part of it."""
    return photo + secrets.token_bytes(_TAIL_BYTES)


def in_time(services: ActionServices, work: Callable[[], object]) -> float:
    """How many seconds it took."""
    began = services.clock.monotonic_seconds()
    work()
    return services.clock.monotonic_seconds() - began


def _seconds(services: ActionServices, photo: bytes, within_seconds: float) -> float | None:
    try:
        return in_time(services, lambda: services.face.embed(photo, within_seconds))
    except FaceServiceUnreachable:
        return None
