"""Asks the database, read only, on a connection of each look's own with a limit on everything."""

import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, LiteralString

from bigbrother.operations.diagnostics.errors import DatabaseAway, StatementRefused
from bigbrother.operations.diagnostics.scene import Scene

if TYPE_CHECKING:
    import psycopg

APPLICATION = "bigbrother-diagnose"
UNIT = "bigbrother-db"
Row = dict[str, Any]
_LITERAL = re.compile(r"'(?:[^']|'')*'|\$\w*\$.*?\$\w*\$|\b\d+(?:\.\d+)?\b", re.DOTALL)
_LONGEST_STATEMENT = 80


@contextmanager
def line(scene: Scene) -> "Iterator[psycopg.Connection[Row]]":
    """A connection for some statements. Raises DatabaseAway, StatementRefused."""
    # The driver takes 25 MB, and is of no use until somebody diagnoses.
    import psycopg  # noqa: PLC0415
    from psycopg.rows import dict_row  # noqa: PLC0415

    looks = scene.runbook.diagnostics.looks
    limit_ms = max(1, round(1000 * looks.statement_within.value))
    try:
        conn = psycopg.connect(
            scene.dsn,
            autocommit=True,
            row_factory=dict_row,
            application_name=APPLICATION,
            # The driver takes whole seconds, and no fewer than two.
            connect_timeout=max(2, math.ceil(looks.try_within.value)),
            options="-c default_transaction_read_only=on -c search_path=pg_catalog,public"
            f" -c statement_timeout={limit_ms} -c lock_timeout={limit_ms} -c timezone=UTC",
        )
    except psycopg.Error as error:
        raise DatabaseAway(
            f"The database takes no connection: {_reason(error)}.",
            remedy="See `bigbrother status` and `bigbrother logs bigbrother-db`.",
        ) from error
    with conn:
        try:
            yield conn
        except psycopg.errors.QueryCanceled as error:
            raise StatementRefused(
                f"It took longer than {looks.statement_within}.",
                remedy="Look at locks and slow_queries; ask for more with "
                "diagnostics.looks.statement_within.",
            ) from error
        except psycopg.errors.InsufficientPrivilege as error:
            raise StatementRefused(
                f"The account may not look: {_reason(error)}.",
                remedy="As a superuser of the database: GRANT pg_monitor TO the owner's role.",
            ) from error
        except psycopg.Error as error:
            raise DatabaseAway(
                f"The database did not answer: {_reason(error)}.",
                remedy="See `bigbrother logs bigbrother-db`.",
            ) from error


def rows(
    scene: Scene, statement: LiteralString, values: Mapping[str, object] | None = None
) -> list[Row]:
    """One statement's answer. Raises DatabaseAway, StatementRefused."""
    with line(scene) as conn:
        return conn.execute(statement, values).fetchall()


def row(scene: Scene, statement: LiteralString, values: Mapping[str, object] | None = None) -> Row:
    """The one row of a statement that always has one. Raises as `rows`."""
    (found,) = rows(scene, statement, values)
    return found


def shape(statement: str) -> str:
    """A statement's beginning without the figures and texts in it: they may be names of people."""
    text = " ".join(_LITERAL.sub("?", statement).split())
    return text if len(text) <= _LONGEST_STATEMENT else text[: _LONGEST_STATEMENT - 1] + "…"


def _reason(error: "psycopg.Error") -> str:
    """What was said, in one line: lines that begin with a tab are advice."""
    said = [text for text in str(error).strip().splitlines() if not text.startswith("\t")]
    return said[-1].strip().rstrip(".") if said else type(error).__name__
