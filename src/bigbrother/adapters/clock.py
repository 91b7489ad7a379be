"""The machine's clock: the only place that reads it."""

import time
from datetime import UTC, datetime


class SystemClock:
    """Implements `kernel.clock.Clock` with the machine's own clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic_seconds(self) -> float:
        return time.monotonic()
