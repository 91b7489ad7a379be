"""The application's database for a step that mends it: one at a time, patient, never in the way."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import resources
from typing import TYPE_CHECKING, Any

from bigbrother.operations.procedures.action import ActionServices
from bigbrother.operations.procedures.outcome import StepFailed
from bigbrother.runbook.sections.housekeeping import Optimization

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql

_LOCK = 0x62_62_68_6B
"""Any number, as long as nothing else in this database locks the same one."""


def session_settings(figures: Optimization) -> Mapping[str, str]:
    """How a session waits, works and ends."""
    return {
        "application_name": "bigbrother-housekeeping",
        "client_connection_check_interval": "1s",
        "lock_timeout": f"{round(figures.lock_within.value * 1000)}ms",
        "statement_timeout": f"{round(figures.statement_within.value * 1000)}ms",
    }


@contextmanager
def connected(services: ActionServices) -> Iterator["psycopg.Connection[dict[str, Any]]"]:
    """A connection of the schema's owner, whose statements are transactions of their own.

    Its statements and its waiting for others have their time; the server ends them within a second
    when this process dies. Raises StepFailed where the database does not answer.
    """
    # The watcher knows of this step, and need not hold what it works with.
    import psycopg  # noqa: PLC0415
    from psycopg.rows import dict_row  # noqa: PLC0415

    try:
        conn = psycopg.connect(services.dsn, autocommit=True, row_factory=dict_row)
    except psycopg.OperationalError as error:
        raise StepFailed(
            "The database does not answer.",
            remedy="Run: bigbrother run service_recovery.bigbrother-db.",
        ) from error
    with conn:
        for name, value in session_settings(services.runbook.optimization).items():
            conn.execute("SELECT set_config(%s, %s, false)", (name, value))
        yield conn


@contextmanager
def mending(services: ActionServices) -> Iterator["psycopg.Connection[dict[str, Any]]"]:
    """The same, and no other step mends meanwhile; raises StepFailed where one does."""
    with connected(services) as conn:
        held = conn.execute("SELECT pg_try_advisory_lock(%s) AS held", (_LOCK,)).fetchone()
        if held is None or not held["held"]:
            raise StepFailed(
                "Another step is mending this database.",
                remedy="Wait for it: bigbrother runs list.",
            )
        try:
            yield conn
        finally:
            # The server ends a session some time after its line: the next step would be refused.
            if not conn.broken and not conn.closed:
                conn.execute("SELECT pg_advisory_unlock(%s)", (_LOCK,))


def statement(name: str) -> "sql.SQL":
    """The statement that lies beside this module."""
    from psycopg import sql  # noqa: PLC0415

    folder = resources.files("bigbrother.operations.housekeeping")
    text = folder.joinpath(f"{name}.sql").read_text("utf-8")
    return sql.SQL(text)
