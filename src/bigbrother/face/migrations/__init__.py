"""The database's schema, step by step. Raw SQL; Alembic keeps count of what was applied."""

from typing import Any, cast

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import OperationalError

from bigbrother.face.migrations.errors import DatabaseNotPrepared, DatabaseUnreachable

# Any number, as long as nothing else in this database locks the same one.
_LOCK = 0x62_62_6D_69_67


def migrate(dsn: str) -> None:
    """Brings the database to the newest schema, in one transaction, as its owner.

    Safe to call from several processes at once: one works, the others wait and find it done.
    Raises DatabaseUnreachable, and DatabaseNotPrepared when the vector extension or the
    application's role is missing.
    """
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(dsn), poolclass=NullPool
    )
    config = Config()
    config.set_main_option("script_location", "bigbrother.face:migrations")
    config.set_main_option("path_separator", "os")
    try:
        shared = engine.connect()
    except OperationalError as error:
        raise DatabaseUnreachable(
            f"The database does not answer: {error.orig}.", remedy="Start it, or mend its address."
        ) from error
    with shared, shared.begin():
        connection = cast("psycopg.Connection[Any]", shared.connection.driver_connection)
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        _check_prepared(connection)
        config.attributes["connection"] = shared
        command.upgrade(config, "head")


def _check_prepared(connection: psycopg.Connection[Any]) -> None:
    if not connection.execute("SELECT FROM pg_extension WHERE extname = 'vector'").rowcount:
        raise DatabaseNotPrepared(
            "The database has no extension 'vector'.",
            remedy="As a superuser run: CREATE EXTENSION vector;",
        )
    if not connection.execute("SELECT FROM pg_roles WHERE rolname = 'bigbrother_face'").rowcount:
        raise DatabaseNotPrepared(
            "The server has no role 'bigbrother_face'.",
            remedy="As a superuser run: CREATE ROLE bigbrother_face LOGIN;",
        )
