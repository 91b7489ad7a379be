"""An event loop whose waiting takes no time, so that a probe can tell how long it would have."""

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")
_START = datetime(2026, 11, 24, 10, tzinfo=UTC)


class _Selector(selectors.DefaultSelector):
    """Nothing happens outside: waiting only moves the clock."""

    def __init__(self, clock: "VirtualTime") -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> Any:  # noqa: ANN401 - as its base has it
        found = super().select(0)
        if not found and timeout:
            self._clock.seconds += timeout
        return found


class VirtualTime:
    """A clock (`kernel.clock.Clock`), and the loop that it is the time of."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return _START + timedelta(seconds=self.seconds)

    def monotonic_seconds(self) -> float:
        return self.seconds

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The work's result, at once, however long it waits; no thread may be waited for."""
        loop = asyncio.SelectorEventLoop(_Selector(self))
        loop.time = self.monotonic_seconds  # type: ignore[method-assign]  # the only way in
        try:
            return loop.run_until_complete(work)
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()
