"""The pool of database connections with which the face unit works."""

from psycopg_pool import ConnectionPool

from bigbrother.face.api.database import Connection
from bigbrother.runbook.model import Runbook

_KEEPALIVE = {
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}


def connection_pool(dsn: str, runbook: Runbook) -> ConnectionPool[Connection]:
    """A pool that is not open yet; it heals by itself when the database returns.

    Each connection is tried before it is handed out, so a restart of the database costs the
    requests in flight at most.
    """
    figures = runbook.serving
    within_ms = int(figures.database_within.value * 1000)
    statement_ms = int(figures.statement_within.value * 1000)
    return ConnectionPool(
        dsn,
        open=False,
        min_size=1,
        max_size=figures.database_connections,
        timeout=figures.database_within.value,
        # Attempts pause ever longer until this time is over; the next request begins anew. Short,
        # so that a long outage does not prolong itself.
        reconnect_timeout=figures.database_within.value,
        check=ConnectionPool.check_connection,
        name="face",
        kwargs={
            **_KEEPALIVE,
            "options": f"-c statement_timeout={statement_ms} -c lock_timeout={within_ms}"
            # The queue of the batches has a schema of its own.
            " -c search_path=public,queue"
            " -c timezone=UTC -c application_name=bigbrother-face",
        },
    )
