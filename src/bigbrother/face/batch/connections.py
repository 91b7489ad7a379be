"""The database connections of a worker: they break soon when its host is cut off, on both sides."""

import select
from collections.abc import Mapping
from typing import Any

from psycopg_pool import ConnectionPool

from bigbrother.face.gallery.statements import GalleryConnection
from bigbrother.runbook.model import Runbook

_WORDS_MISSED = 3


def connection_parameters(runbook: Runbook, *, options: str = "") -> Mapping[str, Any]:
    """Parameters of every connection: a peer that says nothing is given up, by both sides.

    They stay as they were at the start, also where the figures are followed otherwise.
    """
    batch, serving = runbook.batch, runbook.serving
    silent_ms = int(batch.worker_dead_after.value * 1000)
    beat_seconds = max(1, int(batch.heartbeat.value))
    settings = {
        "search_path": "public,queue",
        "timezone": "UTC",
        "application_name": "bigbrother-worker",
        "statement_timeout": int(serving.statement_within.value * 1000),
        "lock_timeout": int(serving.statement_within.value * 1000),
        # A host that is cut off in mid-transaction must not keep its locks.
        "idle_in_transaction_session_timeout": silent_ms,
        "tcp_keepalives_idle": beat_seconds,
        "tcp_keepalives_interval": beat_seconds,
        "tcp_keepalives_count": _WORDS_MISSED,
        "tcp_user_timeout": silent_ms,
    }
    return {
        "connect_timeout": max(2, int(serving.database_within.value)),
        "keepalives": 1,
        "keepalives_idle": beat_seconds,
        "keepalives_interval": beat_seconds,
        "keepalives_count": _WORDS_MISSED,
        "tcp_user_timeout": silent_ms,
        "options": " ".join(f"-c {name}={value}" for name, value in settings.items()) + options,
    }


def work_pool(dsn: str, runbook: Runbook, *, size: int) -> ConnectionPool[GalleryConnection]:
    """Connections for the work itself, one transaction a use; not open yet."""
    return _pool("work", dsn, runbook, size, dict(connection_parameters(runbook)))


def queue_pool(dsn: str, runbook: Runbook, *, size: int) -> ConnectionPool[GalleryConnection]:
    """Connections for the queue, one statement a use; not open yet.

    They do not wait for the disk: a job that a crash of the database brings back finds its work
    done, since that was committed with waiting.
    """
    given = connection_parameters(runbook, options=" -c synchronous_commit=off")
    return _pool("queue", dsn, runbook, size, {**given, "autocommit": True})


def _pool(
    name: str, dsn: str, runbook: Runbook, size: int, parameters: dict[str, Any]
) -> ConnectionPool[GalleryConnection]:
    within_seconds = runbook.serving.database_within.value
    return ConnectionPool(
        dsn,
        open=False,
        min_size=1,
        max_size=size,
        timeout=within_seconds,
        # Short, so that a long outage does not prolong itself: the next use begins anew.
        reconnect_timeout=within_seconds,
        check=_check,
        name=name,
        kwargs=parameters,
    )


def _check(conn: GalleryConnection) -> None:
    """Raises what a broken connection raises, without a word to the server while all is well.

    Between two uses a server says nothing unless it goes; a peer that is silent because its host is
    gone is found out by the first statement, which whoever uses the pool tries again.
    """
    readable, _, _ = select.select([conn.fileno()], [], [], 0)
    if readable:
        ConnectionPool.check_connection(conn)
