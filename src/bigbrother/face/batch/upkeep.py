"""Destroys what has outlived its time: one worker at a time, again and again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

from bigbrother.face.batch import batches
from bigbrother.face.batch.services import WorkerServices
from bigbrother.face.gallery import retention
from bigbrother.face.gallery.statements import GalleryConnection

_LOCK = 0x62_62_75_70_6B_65
"""Any number, as long as nothing else in this database locks the same one."""
_log = structlog.get_logger("bigbrother.worker")
Step = Callable[[GalleryConnection], bool]


def upkeep(services: WorkerServices) -> None:
    """Destroys everything whose time is over; a step that fails does not stop the other.

    Returns at once where another worker is at it.
    """
    with _only_one(services) as alone:
        if alone:
            _exhaust(services, "batches", lambda conn: _purge_batches(services, conn))
            _exhaust(services, "gallery", lambda conn: _purge_gallery(services, conn))


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


def _exhaust(services: WorkerServices, name: str, step: Step) -> None:
    more = True
    try:
        while more and not services.leaving.is_set():
            with services.pool.connection() as conn:
                more = step(conn)
    except Exception as error:  # noqa: BLE001 - the next step must run
        _log.error("what has outlived its time was not destroyed", what=name, exc_info=error)


def _purge_batches(services: WorkerServices, conn: GalleryConnection) -> bool:
    figures = services.runbook.retention
    destroyed = batches.purge(conn, retention=figures, now=services.clock.now())
    if destroyed:
        _log.info("batches and images have outlived their time", destroyed=destroyed)
    return destroyed > 0


def _purge_gallery(services: WorkerServices, conn: GalleryConnection) -> bool:
    purged = retention.purge(conn, services.clock.now(), audit_key=services.audit_key)
    if purged.faces:
        _log.info("faces have outlived their time", destroyed=purged.faces)
    return purged.more
