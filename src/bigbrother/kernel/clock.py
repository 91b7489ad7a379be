"""Time as a dependency, so that tests move it instead of sleeping."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Where the time comes from. The only real one is `adapters.clock.SystemClock`."""

    def now(self) -> datetime:
        """Wall-clock time, timezone-aware, UTC."""
        ...

    def monotonic_seconds(self) -> float:
        """Seconds on a clock that never goes backwards; only differences mean anything."""
        ...
