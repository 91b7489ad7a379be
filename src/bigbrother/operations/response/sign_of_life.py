"""The watcher says that it lives, in a file that the face analyzer's /health can read."""

import os
from datetime import datetime
from pathlib import Path

_READABLE = 0o644


class SignOfLife:
    """A file whose time of change is the last moment at which the watcher's loop went round."""

    def __init__(self, file: Path, every_seconds: float) -> None:
        self._file = file
        self._every_seconds = every_seconds
        self._last: datetime | None = None

    def give(self, now: datetime) -> None:
        """Now, unless it was given a moment ago; a file that cannot be written is no reason to
        stop watching."""
        if self._last is not None and 0 <= (now - self._last).total_seconds() < self._every_seconds:
            return
        self._last = now
        try:
            descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, _READABLE)
            try:
                os.utime(descriptor, (now.timestamp(), now.timestamp()))
            finally:
                os.close(descriptor)
        except OSError:
            return

    @property
    def last(self) -> datetime | None:
        """When it was given last."""
        return self._last
