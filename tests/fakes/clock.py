"""A clock that a test moves."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass
class FakeClock:
    """Implements `kernel.clock.Clock`; it stands still until it is moved."""

    at: datetime = datetime(2030, 5, 1, 6, 0, tzinfo=UTC)
    seconds: float = 1000.0

    def now(self) -> datetime:
        return self.at

    def monotonic_seconds(self) -> float:
        return self.seconds

    def forward(self, seconds: float) -> None:
        """Moves both clocks on."""
        self.at += timedelta(seconds=seconds)
        self.seconds += seconds
