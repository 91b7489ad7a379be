"""The dead-man's switch: an address outside is called again and again; its silence pages."""

import threading
import urllib.request
from collections.abc import Callable
from datetime import datetime
from http.client import HTTPException
from urllib.parse import urlsplit

import structlog

from bigbrother.runbook.sections import alerting

_log = structlog.get_logger("bigbrother.ops.heartbeat")
Call = Callable[[str, float], None]
"""Calls an address within so many seconds; raises OSError, ValueError or HTTPException when it did
not answer as it should."""


class Heartbeat:
    """Calls the document's heartbeat address as long as the watcher lives.

    `tick` is for one thread. It never waits: the call is made in a thread of its own.
    """

    def __init__(
        self,
        document: Callable[[], alerting.Heartbeat],
        alive: Callable[[], bool],
        call: Call | None = None,
    ) -> None:
        """`document` gives the section in force; `alive` says whether the watcher's own work went
        on within the last interval."""
        self._document = document
        self._alive = alive
        self._call = call or call_address
        self._called_at: datetime | None = None
        self._counting = threading.Lock()
        self.sent = 0
        """Calls that were answered."""
        self.failed = 0
        """Calls that were not."""
        self.withheld = 0
        """Calls that were not made, since the watcher's work stood still."""

    def tick(self, now: datetime) -> datetime:
        """Calls if it is time to; returns when it is next."""
        section = self._document()
        every = section.every.duration
        if not section.url:
            self._called_at = None
            return now + every
        last = self._called_at
        # A clock that was set back must not hold the calls up until it is there again.
        if last is not None and last <= now < last + every:
            return last + every
        self._called_at = now
        if not self._alive():
            self.withheld += 1
            _log.error("heartbeat withheld", reason="the watcher's work stands still")
            return now + every
        threading.Thread(
            target=self._beat,
            args=(section.url, section.within.value),
            name="heartbeat",
            daemon=True,
        ).start()
        return now + every

    def _beat(self, url: str, within_seconds: float) -> None:
        try:
            self._call(url, within_seconds)
        except (OSError, ValueError, HTTPException) as error:
            with self._counting:
                self.failed += 1
            # The address may hold a secret: only its host is written down.
            _log.warning("heartbeat failed", host=urlsplit(url).hostname, reason=str(error))
        else:
            with self._counting:
                self.sent += 1


def call_address(url: str, within_seconds: float) -> None:
    """A GET whose answer is thrown away; raises OSError for no answer, or one of failure."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise ValueError("the heartbeat's address must begin with http:// or https://")
    request = urllib.request.Request(url, headers={"User-Agent": "bigbrother"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=within_seconds) as answer:  # noqa: S310
        answer.read(1024)
