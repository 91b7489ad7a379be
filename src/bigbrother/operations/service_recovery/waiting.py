"""Waiting for something to become so, by the injected clock."""

from collections.abc import Callable
from time import sleep

from bigbrother.kernel.clock import Clock

_POLL_SECONDS = 0.1


def pause() -> None:
    """The moment between two looks."""
    sleep(_POLL_SECONDS)


def becomes(clock: Clock, within_seconds: float, holds: Callable[[], bool]) -> bool:
    """Looks until it is so, or the time is over; whether it became so."""
    until = clock.monotonic_seconds() + within_seconds
    while not holds():
        if clock.monotonic_seconds() >= until:
            return False
        pause()
    return True
