"""Hearing of the end of processes that are not our children."""

import os
import select
import threading
from collections.abc import Collection
from contextlib import suppress
from typing import Protocol


class ProcessExits(Protocol):
    """Says which of the watched processes ended. One thread waits; others may watch and wake."""

    def watch(self, process_ids: Collection[int]) -> None:
        """From now on exactly these are watched; one that is gone already counts as ended now."""
        ...

    def wait(self) -> frozenset[int]:
        """The processes that ended, each told once; none when somebody called `wake`."""
        ...

    def wake(self) -> None:
        """Lets `wait` return."""
        ...

    def close(self) -> None:
        """Gives back what was opened; `wait` must have returned for the last time."""
        ...


class PidfdExits:
    """Linux: a file descriptor a process, readable from the instant of its death.

    The kernel ties it to the process, not to its number, so a number that is given again is
    never taken for the old process. Works for processes of every account.
    """

    def __init__(self) -> None:
        self._opened: dict[int, int] = {}
        self._gone: set[int] = set()
        self._lock = threading.Lock()
        self._epoll = select.epoll()
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        self._epoll.register(self._wake_read, select.EPOLLIN)

    def watch(self, process_ids: Collection[int]) -> None:
        with self._lock:
            for process_id in self._opened.keys() - set(process_ids):
                self._forget(process_id)
            for process_id in set(process_ids) - self._opened.keys():
                try:
                    opened = os.pidfd_open(process_id)
                except ProcessLookupError:
                    self._gone.add(process_id)
                    continue
                self._opened[process_id] = opened
                self._epoll.register(opened, select.EPOLLIN)
            anybody_gone = bool(self._gone)
        if anybody_gone:
            self.wake()

    def wait(self) -> frozenset[int]:
        ready = {number for number, _ in self._epoll.poll()}
        if self._wake_read in ready:
            with suppress(BlockingIOError):
                os.read(self._wake_read, 4096)
        with self._lock:
            # Looked at again: since then another process may have been given the descriptor.
            ended = {
                each
                for each, opened in self._opened.items()
                if opened in ready and select.select([opened], [], [], 0)[0]
            }
            for process_id in ended:
                self._forget(process_id)
            ended |= self._gone
            self._gone = set()
        return frozenset(ended)

    def wake(self) -> None:
        os.write(self._wake_write, b"w")

    def close(self) -> None:
        self.watch(())
        self._epoll.close()
        os.close(self._wake_read)
        os.close(self._wake_write)

    def _forget(self, process_id: int) -> None:
        opened = self._opened.pop(process_id)
        self._epoll.unregister(opened)
        os.close(opened)


class PolledExits:
    """Where the system has no such descriptors (macOS): asks for each process again and again.

    A process that its parent has not yet taken leave of still counts as living.
    """

    def __init__(self, every_seconds: float) -> None:
        self._every_seconds = every_seconds
        self._watched: set[int] = set()
        self._lock = threading.Lock()
        self._woken = threading.Event()

    def watch(self, process_ids: Collection[int]) -> None:
        with self._lock:
            self._watched = set(process_ids)

    def wait(self) -> frozenset[int]:
        while not self._woken.wait(self._every_seconds):
            with self._lock:
                ended = {each for each in self._watched if not _exists(each)}
                self._watched -= ended
            if ended:
                return frozenset(ended)
        self._woken.clear()
        return frozenset()

    def wake(self) -> None:
        self._woken.set()

    def close(self) -> None:
        self.watch(())


def process_exits(poll_every_seconds: float) -> ProcessExits:
    """The best way that this system offers."""
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):  # Not Linux, an old kernel, or a sandbox that forbids it.
        return PolledExits(poll_every_seconds)
    return PidfdExits()


def _exists(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
