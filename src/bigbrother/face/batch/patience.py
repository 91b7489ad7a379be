"""Trying again while the database is away, with pauses that grow."""

import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

import psycopg
import structlog

T = TypeVar("T")
DATABASE_AWAY = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    # Of a process that was not let run in mid-transaction: its work was undone.
    psycopg.errors.IdleInTransactionSessionTimeout,
)
"""What a database that restarts, or a line that is cut, looks like."""
_log = structlog.get_logger("bigbrother.worker")


class Patience:
    """Pauses from `first_seconds`, doubling up to `longest_seconds`; none once it is time to go."""

    def __init__(
        self, first_seconds: float, longest_seconds: float, leaving: threading.Event
    ) -> None:
        self._first_seconds = first_seconds
        self._longest_seconds = longest_seconds
        self._leaving = leaving

    def pause_seconds(self, attempt: int) -> float:
        """The pause behind the attempt of this number, from 0."""
        # Two to the power of more would be no float any more.
        doubled = self._first_seconds * 2.0 ** min(attempt, 60)
        return min(doubled, self._longest_seconds)

    def steadily(self, work: Callable[[], T]) -> T:
        """The work's result; tried again while the database is away.

        Raises what the last try raised once it is time to go, or when the longest pause did not
        help. The work may have happened although its try failed.
        """
        for pause_seconds in self._pauses():
            try:
                return work()
            except DATABASE_AWAY as error:
                _log.warning("the database is away", reason=str(error).strip())
                if self._leaving.wait(pause_seconds):
                    raise
        return work()

    def _pauses(self) -> Iterator[float]:
        attempt = 0
        while True:
            pause_seconds = self.pause_seconds(attempt)
            yield pause_seconds
            if pause_seconds >= self._longest_seconds:
                return
            attempt += 1
