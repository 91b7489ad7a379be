"""Who drives a run: one at a time, on this machine by a lock, beyond it by a lease.

The kernel gives a dead driver's lock free at once; the lock's file names those that held it. Where
it does not name the run's owner (another machine, a cleared folder, a full disk), the run is taken
once its lease has not been renewed for as long as a lease lasts on our own monotonic clock:
nobody's wall clock is compared with another's.
"""

import fcntl
import os
import socket
import sqlite3
import uuid
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bigbrother.kernel.clock import Clock
from bigbrother.operations.procedures.table import add_event
from bigbrother.operations.store.store import Store

# One run a resource: what has begun goes first, then what somebody has claimed, then the oldest.
_BLOCKED = (
    "EXISTS (SELECT 1 FROM run AS other WHERE other.resource = run.resource"
    " AND other.ended_at IS NULL AND other.id != run.id"
    " AND (other.state != 'queued' OR (other.owner = '', other.created_at, other.id)"
    "   < (run.owner = '', run.created_at, run.id)))"
)
_DUE = (
    "SELECT id FROM run WHERE ended_at IS NULL AND ("  # noqa: S608 - our own words
    " state IN ('running', 'undoing')"
    f" OR (state = 'queued' AND NOT {_BLOCKED})"
    " OR (state NOT IN ('queued', 'held') AND cancel_asked)"
    " OR (state = 'waiting' AND NOT EXISTS (SELECT 1 FROM approval WHERE run_id = run.id"
    "   AND decided_at IS NULL AND until > :now))"
    " OR (state = 'paused' AND NOT pause_asked)"
    # What cannot be driven is not tried for ever only because somebody has cancelled it.
    " OR (state = 'held' AND (settled != '' OR (cancel_asked AND held != 'broken'))))"
    " ORDER BY state = 'queued', created_at, id"
)
_TAKE = (
    "UPDATE run SET owner = :owner, epoch = epoch + 1, lease_until = :until"  # noqa: S608
    " WHERE id = :id AND epoch = :epoch AND ended_at IS NULL"
    f" AND (state != 'queued' OR NOT {_BLOCKED}) RETURNING epoch"
)


def due_runs(conn: sqlite3.Connection, now_epoch: float) -> tuple[str, ...]:
    """Ids of the runs that somebody could drive now; those that have begun go first."""
    return tuple(row["id"] for row in conn.execute(_DUE, {"now": now_epoch}))


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to drive one run."""

    run_id: str
    owner: str
    epoch: int
    lock: int
    """Descriptor of the locked file."""
    file: Path

    def let_go(self, *, ours: bool) -> None:
        """Gives the lock free; `ours`: the run's row still names this owner, who goes away."""
        try:
            if not ours:
                _remove(self.lock, self.file)
        finally:
            os.close(self.lock)


class Claims:
    """What one driver takes; threads share it."""

    def __init__(
        self, store: Store, clock: Clock, folder: Path, lease_seconds: Callable[[], float]
    ) -> None:
        self._store = store
        self._clock = clock
        folder.mkdir(mode=0o700, exist_ok=True)
        self._folder = folder
        self._lease_seconds = lease_seconds
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._seen: dict[str, tuple[tuple[int, float], float]] = {}

    def take(self, run_id: str) -> Claim | None:
        """The claim; None while somebody else drives it or it is not its turn. Raises OSError."""
        # Somebody may have cleared the folder that it is in.
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self._folder / f"{run_id}.lock"
        lock = _lock(file)
        if lock is None:
            return None
        try:
            names = _names(lock)
            epoch = self._take(run_id, lock, names)
            if epoch is None and not names:
                # It proves nothing of anybody.
                _remove(lock, file)
        except BaseException:
            os.close(lock)
            raise
        if epoch is None:
            os.close(lock)
            return None
        self._seen.pop(run_id, None)
        return Claim(run_id, self._owner, epoch, lock, file)

    def _take(self, run_id: str, lock: int, names: Collection[str]) -> int | None:
        row = self._store.read(
            lambda conn: conn.execute(
                "SELECT owner, epoch, lease_until FROM run WHERE id = ?", (run_id,)
            ).fetchone()
        )
        if row is None:
            return None
        mark = (row["epoch"], row["lease_until"])
        if row["owner"] and row["owner"] not in names and not self._silent(run_id, mark):
            return None
        if self._owner not in names:
            _sign(lock, self._owner)
        now = self._clock.now()
        until = now + timedelta(seconds=self._lease_seconds())

        def work(conn: sqlite3.Connection) -> int | None:
            taken = conn.execute(
                _TAKE,
                {
                    "owner": self._owner,
                    "until": until.timestamp(),
                    "id": run_id,
                    "epoch": row["epoch"],
                },
            ).fetchone()
            if taken is None:
                return None
            if row["owner"]:
                add_event(conn, run_id, now, "run.taken-over", {"from": row["owner"]})
            return int(taken["epoch"])

        return self._store.write(work)

    def _silent(self, run_id: str, mark: tuple[int, float]) -> bool:
        """Whether its owner has not renewed the lease for as long as one lasts."""
        now_seconds = self._clock.monotonic_seconds()
        seen, since_seconds = self._seen.get(run_id, (None, now_seconds))
        if seen != mark:
            self._seen[run_id] = (mark, now_seconds)
            return False
        return now_seconds - since_seconds >= self._lease_seconds()


def _lock(file: Path) -> int | None:
    """The locked file; None when somebody else has it."""
    lock = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    except BaseException:
        os.close(lock)
        raise
    if os.fstat(lock).st_nlink == 0:
        # Whoever had it has ended and removed it in this moment.
        os.close(lock)
        return None
    return lock


def _names(lock: int) -> frozenset[str]:
    """The owners that held it before: who has a name there holds it no longer."""
    size_bytes = os.fstat(lock).st_size
    return frozenset(os.pread(lock, size_bytes, 0).decode("utf-8", "replace").splitlines())


def _sign(lock: int, owner: str) -> None:
    # On a full disk there is the lease.
    with suppress(OSError):
        os.write(lock, f"\n{owner}\n".encode())


def _remove(lock: int, file: Path) -> None:
    """Removes the file that is locked, never another one that has taken its place."""
    with suppress(FileNotFoundError):
        if os.path.samestat(file.stat(), os.fstat(lock)):
            file.unlink()
