"""Wakes who waits for jobs as soon as there are new ones."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

import psycopg
import structlog
from psycopg import sql

from bigbrother.face.batch import queue

_log = structlog.get_logger("bigbrother.worker")


class Wake:
    """Listens to the queue's notifications; without them, who waits looks from time to time."""

    def __init__(self, dsn: str, parameters: Mapping[str, Any], leaving: threading.Event) -> None:
        self._dsn = dsn
        self._parameters = parameters
        self._leaving = leaving
        self._changed = threading.Condition()
        self._calls = 0

    def seen(self) -> int:
        """How many calls there have been; ask before looking for a job."""
        with self._changed:
            return self._calls

    def wait(self, seen: int, within_seconds: float) -> None:
        """Returns at the next call after `seen`, or when the time is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._calls != seen, within_seconds)

    def everybody(self) -> None:
        """Lets everybody look now."""
        with self._changed:
            self._calls += 1
            self._changed.notify_all()

    def listen(self, look_every_seconds: Callable[[], float]) -> None:
        """Calls on every notification until it is time to go; a broken line is mended."""
        while not self._leaving.is_set():
            try:
                self._listen(look_every_seconds)
            except psycopg.Error as error:
                _log.warning("nobody tells of new jobs", reason=str(error).strip())
                self._leaving.wait(look_every_seconds())

    def _listen(self, look_every_seconds: Callable[[], float]) -> None:
        with psycopg.connect(self._dsn, autocommit=True, **self._parameters) as conn:
            for name in (queue.CHUNKS, queue.WEBHOOKS):
                channel = sql.Identifier(f"procrastinate_queue_v1#{name}")
                conn.execute(sql.SQL("LISTEN {}").format(channel))
            self.everybody()
            while not self._leaving.is_set():
                if any(True for _ in conn.notifies(timeout=look_every_seconds(), stop_after=1)):
                    # A batch brings thousands at once; they say the same.
                    for _ in conn.notifies(timeout=0):
                        pass
                    self.everybody()
