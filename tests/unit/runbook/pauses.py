"""An event that nobody sets: a loop that waits for it goes round so often, and no time passes."""

import threading
from dataclasses import dataclass, field


@dataclass
class Pauses:
    """A `threading.Event` that keeps for how long each thread would have waited."""

    rounds: int = 1
    waited: dict[str, list[float | None]] = field(default_factory=dict)

    def is_set(self) -> bool:
        return len(self._own()) >= self.rounds

    def set(self) -> None:
        """Whoever waits goes on anyway."""

    def wait(self, seconds: float | None = None) -> bool:
        self._own().append(seconds)
        return self.is_set()

    def _own(self) -> list[float | None]:
        return self.waited.setdefault(threading.current_thread().name, [])
