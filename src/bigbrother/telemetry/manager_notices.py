"""What a unit tells the service manager that started it: that it is ready, lives, and leaves.

Source: sd_notify(3), sd_watchdog_enabled(3). A manager that does not ask is told nothing.
"""

import os
import socket
import threading
from collections.abc import Callable, MutableMapping
from contextlib import suppress

_LOOK_SECONDS = 0.05
_SEND_WITHIN_SECONDS = 1.0
# Signs of life within the time after which the manager takes a unit for dead: some may be late.
_SIGNS = 4


class ManagerNotices:
    """Speaks for this process alone: its children do not inherit the way to the manager."""

    def __init__(self, environment: MutableMapping[str, str]) -> None:
        address = environment.pop("NOTIFY_SOCKET", "")
        silent_for = environment.pop("WATCHDOG_USEC", "")
        asked = environment.pop("WATCHDOG_PID", "")
        # The name of an abstract socket begins with a zero byte, written as '@'.
        self._address = "\0" + address[1:] if address.startswith("@") else address
        wanted = bool(address and silent_for.isdigit()) and asked in ("", str(os.getpid()))
        self.alive_every_seconds = int(silent_for) / 1_000_000 / _SIGNS if wanted else None
        """How often the manager is to hear that the unit lives; None if it does not ask."""

    @property
    def asked(self) -> bool:
        """Whether a manager listens."""
        return bool(self._address)

    def ready(self) -> None:
        """The unit does its work from now on."""
        self._send(b"READY=1")

    def alive(self) -> None:
        """The unit lives; without a word for too long the manager starts it anew."""
        self._send(b"WATCHDOG=1")

    def leaving(self) -> None:
        """The unit ends on purpose."""
        self._send(b"STOPPING=1")

    def _send(self, notice: bytes) -> None:
        if not self._address:
            return
        # A manager that does not take it is no reason to stop working.
        with (
            suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender,
        ):
            sender.settimeout(_SEND_WITHIN_SECONDS)
            sender.sendto(notice, self._address)


class LifeSigns:
    """A thread that says `ready` once the unit lives, and from then on `alive` while it does."""

    def __init__(self, notices: ManagerNotices, lives: Callable[[], bool]) -> None:
        """`lives` must answer at once, from any thread."""
        self._notices = notices
        self._lives = lives
        self._ended = threading.Event()

    def start(self) -> None:
        """Begins, where a manager listens."""
        if self._notices.asked:
            threading.Thread(target=self._tell, name="life-signs", daemon=True).start()

    def leave(self) -> None:
        """The unit ends on purpose; nothing is said after that."""
        self._ended.set()
        self._notices.leaving()

    def _tell(self) -> None:
        while not self._lives():
            if self._ended.wait(_LOOK_SECONDS):
                return
        self._notices.ready()
        every_seconds = self._notices.alive_every_seconds
        while every_seconds is not None and not self._ended.is_set():
            if self._lives():
                self._notices.alive()
            self._ended.wait(every_seconds)
