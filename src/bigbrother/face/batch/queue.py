"""The queue between those who take batches in and the workers; procrastinate keeps it.

Its tables live in the schema `queue`: connections need `search_path=public,queue`. A job names
what is to be done and holds nothing else.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from procrastinate import SyncPsycopgConnector
from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from procrastinate.sql import queries
from procrastinate.types import JSONDict
from psycopg import sql

from bigbrother.face.gallery.statements import GalleryConnection

CHUNKS: Final = "batch-chunks"
"""Jobs `analyze_chunk(batch, chunk)`."""
WEBHOOKS: Final = "batch-webhooks"
"""Jobs `tell_webhook(batch, attempt)`."""
WEBHOOK_PRIORITY: Final = 2**31 - 1
"""Of those; the highest that the queue knows."""
STATEMENTS: Final = {name: sql.SQL(text) for name, text in queries.items()}
"""Procrastinate's own statements, by the names that it gives them."""
# Never opened: each call brings the connection of its caller's transaction.
_manager = JobManager(SyncPsycopgConnector())


def defer_chunks(
    conn: GalleryConnection, batch_id: UUID, chunks: Sequence[tuple[int, int]]
) -> list[int]:
    """Queues chunks, each with its priority (32 bits, higher first); the jobs' ids in that order.

    Workers see them once the caller's transaction is committed.
    """
    return _defer(
        conn,
        [
            _job(CHUNKS, "analyze_chunk", {"batch": str(batch_id), "chunk": chunk}, priority)
            for chunk, priority in chunks
        ],
    )


def defer_webhook(
    conn: GalleryConnection, batch_id: UUID, *, attempt: int = 1, at: datetime | None = None
) -> None:
    """Queues telling the batch's end to its webhook, at once or at a later time."""
    given: JSONDict = {"batch": str(batch_id), "attempt": attempt}
    _defer(conn, [_job(WEBHOOKS, "tell_webhook", given, WEBHOOK_PRIORITY, at)])


def forget_jobs(conn: GalleryConnection, job_ids: Sequence[int]) -> None:
    """Takes jobs that no worker has begun out of the queue; others end by themselves."""
    conn.execute(
        "DELETE FROM procrastinate_jobs WHERE id = ANY(%s) AND status = 'todo'", (list(job_ids),)
    )


def _job(queue: str, task: str, given: JSONDict, priority: int, at: datetime | None = None) -> Job:
    return Job(
        queue=queue,
        task_name=task,
        task_kwargs=given,
        priority=priority,
        scheduled_at=at,
        lock=None,
        queueing_lock=None,
    )


def _defer(conn: GalleryConnection, jobs: list[Job]) -> list[int]:
    if not jobs:
        return []
    deferred = _manager.batch_defer_jobs(jobs, connection=conn)
    return [job.id for job in deferred if job.id is not None]
