"""One answer for all who ask at once, and for those who ask soon after."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Generic, TypeVar

from bigbrother.kernel.clock import Clock

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Runs the work once at a time and repeats its result for a while; on the event loop only."""

    def __init__(
        self, clock: Clock, kept_for: Callable[[], timedelta], work: Callable[[], Awaitable[T]]
    ) -> None:
        self._clock = clock
        self._kept_for = kept_for
        self._work = work
        self._flight: asyncio.Future[T] | None = None
        self._landed_seconds: float | None = None

    async def result(self) -> T:
        """A result no older than `kept_for`; raises what the work raised."""
        if self._flight is None or self._stale():
            self._landed_seconds = None
            self._flight = asyncio.ensure_future(self._work())
            self._flight.add_done_callback(self._land)
        # Whoever leaves does not take the answer away from the others.
        return await asyncio.shield(self._flight)

    def _stale(self) -> bool:
        landed = self._landed_seconds
        return (
            landed is not None
            and self._clock.monotonic_seconds() - landed >= self._kept_for().total_seconds()
        )

    def _land(self, _flight: asyncio.Future[T]) -> None:
        self._landed_seconds = self._clock.monotonic_seconds()
