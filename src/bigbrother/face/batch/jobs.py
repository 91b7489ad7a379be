"""A worker as the queue knows it: it takes jobs in its name, and says that it lives."""

import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import psycopg
import structlog
from psycopg_pool import ConnectionPool

from bigbrother.face.batch.queue import STATEMENTS
from bigbrother.face.gallery.statements import GalleryConnection, Row, row

_log = structlog.get_logger("bigbrother.worker")


@dataclass(frozen=True, slots=True)
class TakenJob:
    """A job that this worker does now."""

    id: int
    batch_id: UUID
    number: int
    """The chunk, or of a webhook the attempt."""
    attempts: int
    """How often it was begun before."""


class JobHands:
    """Takes jobs and puts them down; threads share it.

    What it cannot put down, because the database is away, it drops: it goes on under another name,
    the old one falls silent, and the silent one's jobs are rescued.
    """

    def __init__(self, pool: ConnectionPool[GalleryConnection]) -> None:
        """The pool's connections commit each statement by itself."""
        self._pool = pool
        self._lock = threading.Lock()
        self._worker_id: int | None = None
        self.has_signed_on = False
        """Whether the queue has known this worker, under this or an earlier name."""

    def take(self, queue: str) -> TakenJob | None:
        """The next job of the queue, the most urgent first; raises what the database raises."""
        with self._pool.connection() as conn:
            worker_id = self._known(conn)
            try:
                given: Row = {"queues": [queue], "worker_id": worker_id}
                found = row(conn, STATEMENTS["fetch_job"], given)
            except psycopg.errors.ForeignKeyViolation:
                # Others took this worker for dead while it was cut off.
                self._forget(worker_id)
                return None
        if found is None or found["id"] is None:
            return None
        args = found["args"]
        number = args["chunk"] if "chunk" in args else args["attempt"]
        return TakenJob(found["id"], UUID(args["batch"]), number, found["attempts"])

    def beat(self) -> None:
        """Says that this worker lives; raises what the database raises."""
        with self._pool.connection() as conn:
            worker_id = self._known(conn)
            alive = conn.execute(
                "SELECT procrastinate_update_heartbeat_v1(id) FROM procrastinate_workers"
                " WHERE id = %s",
                (worker_id,),
            ).fetchone()
        if alive is None:
            self._forget(worker_id)

    def done(self, job: TakenJob) -> None:
        """The job is no more, wherever it ended."""
        given: Row = {"job_id": job.id, "status": "succeeded", "delete_job": True}
        self._put_down("finish_job", given)

    def give_back(self, job: TakenJob, *, at: datetime, priority: int | None = None) -> None:
        """Somebody does it later, or at another priority."""
        given: Row = {
            "job_id": job.id,
            "retry_at": at,
            "new_priority": priority,
            "new_queue_name": None,
            "new_lock": None,
        }
        self._put_down("retry_job", given)

    def leave(self) -> None:
        """Signs off; jobs still in hand are rescued at once."""
        worker_id = self._worker_id
        if worker_id is None:
            return
        with suppress(psycopg.Error), self._pool.connection() as conn:
            conn.execute(STATEMENTS["unregister_worker"], {"worker_id": worker_id})

    def _known(self, conn: GalleryConnection) -> int:
        with self._lock:
            if self._worker_id is None:
                found = row(conn, STATEMENTS["register_worker"], {})
                assert found is not None  # noqa: S101 - an INSERT without conditions
                self._worker_id = int(found["worker_id"])
                self.has_signed_on = True
                _log.info("signed on", worker_id=self._worker_id)
            return self._worker_id

    def _forget(self, worker_id: int) -> None:
        with self._lock:
            if self._worker_id == worker_id:
                _log.warning("was taken for dead", worker_id=worker_id)
                self._worker_id = None

    def _put_down(self, query: str, given: Row) -> None:
        worker_id = self._worker_id
        try:
            with self._pool.connection() as conn:
                conn.execute(STATEMENTS[query], given)
        except psycopg.errors.RaiseException:
            # Somebody else rescued and ended it: the queue has no such job any more.
            return
        except psycopg.Error as error:
            _log.warning("a job could not be put down", job=given["job_id"], reason=str(error))
            if worker_id is not None:
                self._forget(worker_id)
