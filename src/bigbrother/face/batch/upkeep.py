"""Destroys what has outlived its time: one worker at a time, again and again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

from bigbrother.face.batch import batches
from bigbrother.face.batch.services import WorkerServices
from bigbrother.face.gallery.statements import GalleryConnection

_LOCK = 0x62_62_75_70_6B_65
"""Any number, as long as nothing else in this database locks the same one."""
_KEYS_AT_ONCE = 1000
_log = structlog.get_logger("bigbrother.worker")


def upkeep(services: WorkerServices) -> None:
    """Destroys everything whose time is over, in steps; a step that fails does not stop others.

    Returns at once where another worker is at it.
    """
    steps: dict[str, Callable[[GalleryConnection], int]] = {
        "batches": lambda conn: batches.purge(
            conn, retention=services.runbook.retention, now=services.clock.now()
        ),
        "idempotency-keys": lambda conn: _purge_keys(services, conn),
    }
    with _only_one(services) as alone:
        if alone:
            for name, step in steps.items():
                _exhaust(services, name, step)


@contextmanager
def _only_one(services: WorkerServices) -> Iterator[bool]:
    with services.queue_pool.connection() as conn:
        held = conn.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,)).fetchone()
        alone = held is not None and bool(held[0])
        try:
            yield alone
        finally:
            if alone:
                conn.execute("SELECT pg_advisory_unlock(%s)", (_LOCK,))


def _exhaust(services: WorkerServices, name: str, step: Callable[[GalleryConnection], int]) -> None:
    destroyed = 0
    try:
        while not services.leaving.is_set():
            with services.pool.connection() as conn:
                some = step(conn)
            destroyed += some
            if not some:
                break
    except Exception as error:  # noqa: BLE001 - the next step must run
        _log.error("what has outlived its time was not destroyed", what=name, exc_info=error)
    if destroyed:
        _log.info("what has outlived its time was destroyed", what=name, destroyed=destroyed)


def _purge_keys(services: WorkerServices, conn: GalleryConnection) -> int:
    return conn.execute(
        "DELETE FROM idempotency WHERE (token_id, key) IN (SELECT token_id, key FROM idempotency"
        " WHERE expires_at <= %s ORDER BY expires_at LIMIT %s FOR UPDATE SKIP LOCKED)",
        (services.clock.now(), _KEYS_AT_ONCE),
    ).rowcount
