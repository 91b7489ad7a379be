"""The watcher's file: one writer at a time, every commit on the disk before it counts.

A full or broken disk must not silence the watcher. What cannot be written is written to a copy in
memory, which goes on until the disk takes the whole copy back.
"""

import contextlib
import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from bigbrother.operations.store.errors import StoreBelongsToAnother, StoreUnusable
from bigbrother.operations.store.migrations import migrate

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]
_BUSY_MS = 5000
_BUSY_ROUNDS = 20
_DISK = (
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
)


class Store:
    """Transactions on ops.db; threads share it.

    `write` runs its work in one transaction, and may run it twice: it must have no effects besides.
    """

    def __init__(self, path: Path) -> None:
        """Opens the file, making or migrating it; raises StoreUnusable."""
        self._path = path
        self._lock = threading.RLock()
        self._memory: sqlite3.Connection | None = None
        self._file: sqlite3.Connection | None = None
        try:
            self._file = _open(path)
        except PermissionError as error:
            raise StoreUnusable(
                f"{path}: {error.strerror}.", remedy="Run it as the user that installed it."
            ) from error
        except (sqlite3.OperationalError, OSError) as error:
            if isinstance(error, sqlite3.OperationalError) and not _is_disk(error):
                raise _unusable(path, error) from error
            self._memory = _rescued(path)
        except sqlite3.Error as error:
            raise _unusable(path, error) from error

    @property
    def degraded(self) -> bool:
        """Whether what is written now lies in memory alone."""
        return self._memory is not None

    def write(self, work: Work[T]) -> T:
        """What `work` returns, once its changes are durable; a disk that is full is no error."""
        with self._lock:
            if self._memory is None:
                try:
                    return _transaction(self._present, work)
                except sqlite3.OperationalError as error:
                    if not _is_disk(error):
                        raise
                    self._memory = _in_memory(self._file)
            return _transaction(self._present, work)

    def read(self, work: Work[T]) -> T:
        """What `work` returns; it sees every write that came before."""
        with self._lock:
            return work(self._present)

    def give_back(self, pages: int) -> bool:
        """Gives so many free pages at the most back to the disk; whether there are more to give.

        A disk that is full is no error: then nothing is given back.
        """
        with self._lock:
            conn = self._present
            before = _free_pages(conn)
            try:
                # A script steps until its end; a statement without columns is left after one page.
                conn.executescript(f"PRAGMA incremental_vacuum({pages})")
            except sqlite3.OperationalError as error:
                if not _is_disk(error):
                    raise
            return 0 < _free_pages(conn) < before

    def recover(self) -> bool:
        """Tries to put what lies in memory back on the disk; whether nothing lies there now."""
        with self._lock:
            if self._memory is None:
                return True
            try:
                if self._file is None:
                    self._file = _connection(self._path)
                _copy(self._memory, self._file)
            except (sqlite3.Error, OSError):
                return False
            self._memory.close()
            self._memory = None
            return True

    def close(self) -> None:
        """Ends it; what lies in memory alone is tried once more."""
        with self._lock:
            self.recover()
            self.abandon()

    def abandon(self) -> None:
        """Ends it as a kill does: what lies in memory alone is lost."""
        with self._lock:
            for conn in (self._file, self._memory):
                if conn is not None:
                    conn.close()

    @property
    def _present(self) -> sqlite3.Connection:
        conn = self._memory or self._file
        assert conn is not None  # noqa: S101 - one of the two is open from the beginning
        return conn


@contextmanager
def only_watcher(path: Path) -> Iterator[None]:
    """Held by the one watcher of a file; raises StoreBelongsToAnother."""
    lock = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreBelongsToAnother(
                f"Another watcher works with {path}.", remedy="Stop it first: bigbrother down."
            ) from error
        yield
    finally:
        os.close(lock)


def _open(path: Path) -> sqlite3.Connection:
    with contextlib.ExitStack() as undo:
        conn = undo.enter_context(contextlib.closing(_connection(path)))
        migrate(conn)
        undo.pop_all()
    return conn


def _rescued(path: Path) -> sqlite3.Connection:
    """What the file holds, in memory; raises StoreUnusable.

    On a full disk there is no room for the index of the write-ahead log, so it is read alone.
    """
    try:
        if not path.exists():
            memory = _in_memory(None)
        else:
            with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as file:
                file.execute("PRAGMA locking_mode = EXCLUSIVE")
                memory = _in_memory(file)
        migrate(memory)
    except sqlite3.Error as error:
        raise _unusable(path, error) from error
    return memory


def _in_memory(file: sqlite3.Connection | None) -> sqlite3.Connection:
    memory = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    if file is not None:
        _copy(file, memory)
    _shape(memory)
    return memory


def _copy(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """The whole of it as one transaction; raises sqlite3.OperationalError when others keep it."""
    busy = 0

    def refuse_to_wait_for_ever(status: int, _remaining: int, _total: int) -> None:
        nonlocal busy
        busy += status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
        if busy > _BUSY_ROUNDS:
            raise sqlite3.OperationalError("another process keeps the file locked")

    source.backup(target, progress=refuse_to_wait_for_ever, sleep=_BUSY_MS / 1000 / _BUSY_ROUNDS)


def _unusable(path: Path, error: sqlite3.Error) -> StoreUnusable:
    return StoreUnusable(
        f"{path}: {error}.",
        remedy="Move the file away: the watcher begins a new one, without its history.",
    )


def _connection(path: Path) -> sqlite3.Connection:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    os.close(descriptor)
    with contextlib.ExitStack() as undo:
        conn = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        undo.enter_context(contextlib.closing(conn))
        conn.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        # Before the first page is written, or it would have no effect.
        conn.execute("PRAGMA auto_vacuum = INCREMENTAL")
        conn.execute("PRAGMA journal_mode = WAL")
        conn.execute("PRAGMA synchronous = FULL")
        _shape(conn)
        undo.pop_all()
    return conn


def _shape(conn: sqlite3.Connection) -> None:
    conn.row_factory = sqlite3.Row
    conn.execute("PRAGMA foreign_keys = ON")


def _transaction(conn: sqlite3.Connection, work: Work[T]) -> T:
    conn.execute("BEGIN IMMEDIATE")
    try:
        result = work(conn)
        conn.execute("COMMIT")
    except BaseException:
        # SQLite itself has rolled back after some errors, a full disk among them.
        with contextlib.suppress(sqlite3.Error):
            conn.execute("ROLLBACK")
        raise
    return result


def _free_pages(conn: sqlite3.Connection) -> int:
    return int(conn.execute("PRAGMA freelist_count").fetchone()[0])


def is_busy(error: Exception) -> bool:
    """Whether another process kept the file locked for too long."""
    code = error.sqlite_errorcode if isinstance(error, sqlite3.OperationalError) else 0
    return code & 0xFF == sqlite3.SQLITE_BUSY


def _is_disk(error: sqlite3.OperationalError) -> bool:
    return (error.sqlite_errorcode & 0xFF) in _DISK
