"""The runtime folder: sockets and process ids of one installation, gone after a restart."""

import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bigbrother.installation.errors import Busy, RuntimeRefused
from bigbrother.kernel.clock import Clock

_POLL_SECONDS = 0.1


def refuse_unsafe(folder: Path) -> None:
    """Raises RuntimeRefused when others could put their own sockets in the folder.

    It may lie in a place where everybody writes, so another user may have made it first.
    """
    try:
        there = folder.lstat()
    except FileNotFoundError:
        return
    except OSError as error:
        raise RuntimeRefused(
            f"The runtime folder {folder} cannot be looked at: {error.strerror}.",
            remedy="Set BIGBROTHER_RUNTIME to a short folder of yours, such as /tmp/bb.",
        ) from error
    if not stat.S_ISDIR(there.st_mode):
        raise RuntimeRefused(
            f"The runtime folder {folder} is something else, perhaps a link.",
            remedy="Remove it, or set BIGBROTHER_RUNTIME to another short path.",
        )
    if there.st_uid != os.geteuid():
        raise RuntimeRefused(
            f"The runtime folder {folder} belongs to another user (uid {there.st_uid}).",
            remedy="Set BIGBROTHER_RUNTIME to a short folder of yours, such as /tmp/bb-2.",
        )


def make(folder: Path, *, passable: bool) -> None:
    """Makes the folder; `passable` lets other accounts through to the database's socket."""
    refuse_unsafe(folder)
    mode = 0o711 if passable else 0o700
    try:
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
        folder.chmod(mode)
    except OSError as error:
        raise RuntimeRefused(
            f"The runtime folder {folder} cannot be made: {error.strerror}.",
            remedy="Set BIGBROTHER_RUNTIME to a short folder of yours, such as /tmp/bb.",
        ) from error


@contextmanager
def one_at_a_time(
    folder: Path, clock: Clock, within_seconds: float, waiting: Callable[[str], None]
) -> Iterator[None]:
    """Only one command changes an installation at a time; the lock of a killed one is freed.

    `waiting` is told once if another command holds it. Raises Busy after the time given.
    """
    file = folder / "lock"
    deadline = clock.monotonic_seconds() + within_seconds
    with file.open("a+", encoding="ascii") as stream:
        told = False
        while True:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                stream.seek(0)
                holder = stream.read().strip()
                if clock.monotonic_seconds() > deadline:
                    raise Busy(
                        f"Another bigbrother command (process {holder}) is changing this "
                        "installation.",
                        remedy="Wait for it to end, then try again.",
                    ) from None
                if not told:
                    waiting(f"Waiting for another bigbrother command (process {holder}).")
                    told = True
                time.sleep(_POLL_SECONDS)
        stream.truncate(0)
        stream.write(str(os.getpid()))
        stream.flush()
        yield
