"""The janitor: what dead workers had in hand goes to the living, before everything else."""

from datetime import datetime
from itertools import groupby

import psycopg
import structlog

from bigbrother.face.batch import queue
from bigbrother.face.batch.endings import finish_ended
from bigbrother.face.batch.fairness import RESCUE_PRIORITY
from bigbrother.face.gallery.statements import GalleryConnection, Row, load, row, rows

_SQL = load("rescue", "bigbrother.face.batch")
_LOCK = 0x62_62_72_65_73_63
"""Any number, as long as nothing else in this database locks the same one."""
_AT_ONCE = 1000
_log = structlog.get_logger("bigbrother.worker")


def rescue(conn: GalleryConnection, *, dead_after_seconds: float, now: datetime) -> int:
    """Brings back what has no living worker; how many jobs there were.

    In the caller's transaction. One janitor at a time: another finds nothing to do.
    """
    held = row(conn, _SQL["only_one"], {"lock": _LOCK})
    if held is None or not held["held"]:
        return 0
    # Batches before chunks, as everybody locks them.
    _finish_ended(conn, now)
    return _give_back_stalled(conn, dead_after_seconds, now) + _queue_forgotten(conn)


def _give_back_stalled(conn: GalleryConnection, dead_after_seconds: float, now: datetime) -> int:
    asked: Row = {
        "queue": None,
        "task_name": None,
        "seconds_since_heartbeat": dead_after_seconds,
    }
    rescued = 0
    for job in rows(conn, queue.STATEMENTS["select_stalled_jobs_by_heartbeat"], asked):
        given: Row = {
            "job_id": job["id"],
            "retry_at": now,
            "new_priority": max(job["priority"], RESCUE_PRIORITY),
            "new_queue_name": None,
            "new_lock": None,
        }
        try:
            with conn.transaction():
                conn.execute(queue.STATEMENTS["retry_job"], given)
        except psycopg.errors.RaiseException:
            # Not dead after all: it ended the job in between.
            continue
        rescued += 1
        _log.warning("a job was rescued", job=job["id"], worker_id=job["worker_id"])
    conn.execute(
        queue.STATEMENTS["prune_stalled_workers"], {"seconds_since_heartbeat": dead_after_seconds}
    )
    return rescued


def _queue_forgotten(conn: GalleryConnection) -> int:
    forgotten = rows(conn, _SQL["forgotten"], {"limit": _AT_ONCE})
    for batch_id, some in groupby(forgotten, lambda one: one["batch_id"]):
        numbers = [one["chunk"] for one in some]
        jobs = queue.defer_chunks(conn, batch_id, [(n, RESCUE_PRIORITY) for n in numbers])
        conn.execute(_SQL["assign"], {"batch_id": batch_id, "chunks": numbers, "jobs": jobs})
        _log.warning("chunks without a job were queued", batch=str(batch_id), chunks=len(numbers))
    return len(forgotten)


def _finish_ended(conn: GalleryConnection, now: datetime) -> None:
    for one in rows(conn, _SQL["unfinished"], {}):
        if finish_ended(conn, one["id"], now=now):
            if one["webhook_url"] is not None:
                queue.defer_webhook(conn, one["id"])
            _log.warning("a batch was finished by the janitor", batch=str(one["id"]))
