"""Doing something again and again, and noticing when the machine slept in between."""

from collections.abc import Callable

from bigbrother.kernel.clock import Clock


class Rhythm:
    """Waits between rounds. `wait` returns after so many seconds, or earlier when it is woken."""

    def __init__(self, clock: Clock, wait: Callable[[float], object]) -> None:
        self._clock = clock
        self._wait = wait

    def pause(self, seconds: float, late_seconds: float) -> bool:
        """Waits; returns whether time jumped by more than `late_seconds` meanwhile.

        The wall clock shows a machine that slept, the other a process that was stopped. What was
        counted before such a gap says nothing after it.
        """
        wall, monotonic = self._clock.now(), self._clock.monotonic_seconds()
        self._wait(seconds)
        passed = max(
            (self._clock.now() - wall).total_seconds(),
            self._clock.monotonic_seconds() - monotonic,
        )
        return passed > seconds + late_seconds
