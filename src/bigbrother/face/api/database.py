"""The database beside the event loop: one transaction a call, in a thread."""

from collections.abc import Callable
from typing import Any, TypeVar

import anyio
import anyio.to_thread
import psycopg
from psycopg_pool import ConnectionPool

from bigbrother.face.api.errors import DatabaseUnavailable

T = TypeVar("T")
Connection = psycopg.Connection[Any]


class Database:
    """Runs work on pooled connections; no more threads than connections."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self.pool = pool
        self._limiter = anyio.CapacityLimiter(pool.max_size)

    async def run(self, work: Callable[[Connection], T]) -> T:
        """The work's result, committed; rolled back when the work raises.

        Raises DatabaseUnavailable when there is no connection in time, or it breaks, or a
        statement takes too long. Then a commit may have happened although it was not
        acknowledged: an Idempotency-Key makes asking again safe.
        """
        return await anyio.to_thread.run_sync(self.transaction, work, limiter=self._limiter)

    def transaction(self, work: Callable[[Connection], T]) -> T:
        """`run` in the caller's own thread."""
        try:
            with self.pool.connection() as conn:
                return work(conn)
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise DatabaseUnavailable(
                "The database did not answer in time.",
                remedy="Try again after the time that Retry-After names; nothing was lost that "
                "was acknowledged.",
            ) from error
