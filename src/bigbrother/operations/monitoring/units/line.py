"""One open line to PostgreSQL, no wait of which is longer than its caller allows.

A statement limit of the server's own does not help against a server that is stopped; so every
wait here is for the socket, with a limit.
"""

import math
import select

import psycopg
from psycopg import pq

from bigbrother.kernel.clock import Clock

_APPLICATION = "bigbrother-ops"


class LineClosed(Exception):
    """The server refused or closed the line; the text says what was heard."""


class LineSilent(Exception):
    """The server said nothing within the time given; the text says which question it was."""


class Line:
    """A connection that a thread of its own waits for."""

    def __init__(self, dsn: str, clock: Clock, within_seconds: float) -> None:
        """Opens it. Raises LineClosed, LineSilent."""
        self._clock = clock
        try:
            self._conn = psycopg.connect(
                dsn,
                autocommit=True,
                application_name=_APPLICATION,
                # The driver takes whole seconds, and no fewer than two.
                connect_timeout=max(2, math.ceil(within_seconds)),
            )
        except psycopg.errors.ConnectionTimeout as error:
            raise LineSilent("it takes no new connection") from error
        except psycopg.Error as error:
            raise LineClosed(_reason(error)) from error
        # What we gave up waiting for must not stay with the server, behind a lock perhaps.
        limit_ms = round(within_seconds * 1000)
        try:
            self.ask(f"SET statement_timeout = {limit_ms}", within_seconds)
        except (LineClosed, LineSilent):
            self.close()
            raise

    def ask(self, statement: str, within_seconds: float) -> bytes | None:
        """The first value of the answer as text; None for no row, NULL, or an error in return.

        Raises LineClosed, LineSilent; after both the line is of no more use.
        """
        pgconn = self._conn.pgconn
        deadline = self._clock.monotonic_seconds() + within_seconds
        value: bytes | None = None
        try:
            pgconn.send_query(statement.encode())
            while True:
                while pgconn.is_busy():
                    if not self._is_readable(deadline - self._clock.monotonic_seconds()):
                        raise LineSilent(f"{statement} was not answered")
                    pgconn.consume_input()
                result = pgconn.get_result()
                if result is None:
                    break
                if result.status == pq.ExecStatus.TUPLES_OK and result.ntuples:
                    value = result.get_value(0, 0)
        except psycopg.Error as error:
            raise LineClosed(_reason(error)) from error
        if pgconn.status == pq.ConnStatus.BAD:
            raise LineClosed("the server closed the line")
        return value

    def wait(self, seconds: float, wake: int) -> None:
        """Returns after so many seconds, or when the descriptor `wake` is readable.

        Raises LineClosed as soon as the server closes the line.
        """
        deadline = self._clock.monotonic_seconds() + seconds
        while (left := deadline - self._clock.monotonic_seconds()) > 0:
            poll = select.poll()
            poll.register(self._conn.pgconn.socket, select.POLLIN)
            poll.register(wake, select.POLLIN)
            ready = {number for number, _ in poll.poll(math.ceil(left * 1000))}
            if wake in ready:
                return
            if ready:
                try:
                    self._conn.pgconn.consume_input()
                except psycopg.Error as error:
                    raise LineClosed(_reason(error)) from error

    def close(self) -> None:
        """Gives it back."""
        self._conn.close()

    def _is_readable(self, within_seconds: float) -> bool:
        poll = select.poll()
        poll.register(self._conn.pgconn.socket, select.POLLIN)
        return bool(poll.poll(max(0, math.ceil(within_seconds * 1000))))


def _reason(error: psycopg.Error) -> str:
    """What the server, or the system, said: lines that begin with a tab are advice."""
    said = [line for line in str(error).strip().splitlines() if not line.startswith("\t")]
    return said[-1].strip().rstrip(".") if said else "no reason was given"
