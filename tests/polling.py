"""Waiting for a real process or thread: by looking, with a deadline."""

import time
from collections.abc import Callable


def wait_until(reached: Callable[[], bool], within_seconds: float = 15.0) -> None:
    """Returns as soon as it is so; fails the test when it is not in time."""
    deadline = time.monotonic() + within_seconds
    while not reached():
        assert time.monotonic() < deadline, "not reached in time"
        time.sleep(0.01)
