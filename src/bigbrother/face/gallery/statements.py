"""Named SQL: reads the statements of a `.sql` file beside the module that runs them."""

import re
from importlib import resources
from typing import Any, LiteralString, cast

from psycopg import Connection, sql
from psycopg.rows import dict_row

Row = dict[str, Any]
Statement = sql.SQL | sql.Composed
GalleryConnection = Connection[Any]
"""Open, inside the caller's transaction; the gallery never commits."""

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def load(file: str, package: str = "bigbrother.face.gallery") -> dict[str, sql.SQL]:
    """The statements of the package's `<file>.sql`, each under its line `-- name: <name>`."""
    text = resources.files(package).joinpath(f"{file}.sql").read_text("utf-8")
    _, *parts = _NAME.split(text)
    # The text is the package's own, so it is as literal as a string in the code.
    return {
        name: sql.SQL(cast("LiteralString", body.strip().removesuffix(";")))
        for name, body in zip(parts[::2], parts[1::2], strict=True)
    }


def rows(conn: GalleryConnection, statement: Statement, given: Row) -> list[Row]:
    """Every row of the answer, by column name."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, given).fetchall()


def row(conn: GalleryConnection, statement: Statement, given: Row) -> Row | None:
    """The first row of the answer, or None."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, given).fetchone()
