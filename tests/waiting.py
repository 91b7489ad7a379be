"""Waiting for real processes: polls up to a deadline instead of sleeping a guessed time."""

import time
from collections.abc import Callable

_POLL_SECONDS = 0.02


def until(holds: Callable[[], bool], within_seconds: float = 15.0) -> None:
    """Returns once the condition holds; fails the test after the time given."""
    deadline = time.monotonic() + within_seconds
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"not so within {within_seconds:g} s: {holds}")
        time.sleep(_POLL_SECONDS)
