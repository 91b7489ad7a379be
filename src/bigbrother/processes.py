"""Processes as the system knows them: which one a number means, and everything in its session."""

import hashlib
import os
import select
import signal
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import psutil

_POLL_SECONDS = 0.02
_CHUNK_BYTES = 65536
_PIPE_BYTES = 65536
"""What a pipe holds at most, unless somebody made it larger."""
_AT_FIRST_SECONDS = (0.001, 0.002, 0.005, 0.01)
_MOST_POLLS = 500
"""A killed process is gone in milliseconds, unless it waits in the kernel for a broken disk."""


def started(process_id: int) -> float | None:
    """When a process began; with its number it names one process. None: it is gone.

    The unit is the kernel's: ticks since the machine began, which no change of the clock moves; the
    fraction tells the machine's run and the container apart, where numbers and ticks come again.
    """
    try:
        stat = Path(f"/proc/{process_id}/stat").read_text("utf-8", "replace")
    except OSError:
        return None
    # The name in brackets may hold spaces and brackets.
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else int(fields[19]) + _system()


def is_of_this_system(since: float) -> bool:
    """Whether a moment that `started` told is of this run of the machine and this container."""
    return since % 1 == _system()


def has_variable(process_id: int, name: str) -> bool:
    """Whether a process began with that variable in its environment."""
    try:
        environment = Path(f"/proc/{process_id}/environ").read_bytes()
    except OSError:
        return False
    return any(each.startswith(f"{name}=".encode()) for each in environment.split(b"\0"))


def session_members(session: int) -> set[int]:
    """The processes of a session that still live; the session has its leader's number."""
    found = set()
    for process_id in psutil.pids():
        with suppress(OSError):
            if os.getsid(process_id) == session and started(process_id) is not None:
                found.add(process_id)
    return found


def kill_session(session: int, spared: Collection[int] = ()) -> bool:
    """Kills a session's processes, whatever signals they ignore; whether none is left.

    What began a session of its own, as services do, stays.
    """
    for wait in (*_AT_FIRST_SECONDS, *[_POLL_SECONDS] * _MOST_POLLS):
        # They may have begun others meanwhile.
        left = session_members(session) - set(spared)
        if not left:
            return True
        for process_id in left:
            with suppress(OSError):
                os.kill(process_id, signal.SIGKILL)
        time.sleep(wait)
    return False


def has_ended(process_id: int) -> bool:
    """Whether a child has ended; its number stays taken until it is waited for."""
    try:
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, process_id, flags) is not None
    except ChildProcessError:
        return True


def output(source: int, over: Callable[[], bool]) -> Iterator[bytes]:
    """What comes from a pipe until its end, or until `over` and what lies in it has been read.

    A service that was begun on the way may keep the pipe open for ever, hence `over`.
    """
    poll = select.poll()
    poll.register(source, select.POLLIN)
    left = _PIPE_BYTES
    while left > 0:
        finished = over()
        if poll.poll(0 if finished else _POLL_SECONDS * 1000):
            chunk = os.read(source, _CHUNK_BYTES)
            if not chunk:
                return
            yield chunk
            left -= len(chunk) if finished else 0
        elif finished:
            return


@cache
def _system() -> float:
    boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii")
    namespace = Path("/proc/self/ns/pid").readlink()
    digest = hashlib.sha256(f"{boot} {namespace}".encode()).digest()
    return int.from_bytes(digest[:2]) / 2**16
