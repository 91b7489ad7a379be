"""The indexes that the service works with, and which of them a database lacks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

_STATEMENT = re.compile(
    r"CREATE (UNIQUE )?INDEX (?P<name>\S+) ON (?P<schema>\w+)\.(?P<table>\S+) "
    r"USING (?P<method>\w+) \((?P<columns>[^)]+)\)( WHERE (?P<where>.+))?"
)
_EMBEDDINGS = "{embeddings}"
_MODELS = """
SELECT c.relname AS embeddings, y.typname || '_ip_ops' AS operators
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'embedding'
JOIN pg_type y ON y.oid = a.atttypid
WHERE c.relnamespace = 'public'::regnamespace AND c.relname ~ '^embedding_[0-9]+$'
ORDER BY 1
"""
_THERE = """
SELECT n.nspname AS schema, c.relname AS name, i.indisvalid AS valid
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('public', 'queue')
"""


@dataclass(frozen=True, slots=True)
class Index:
    """One index."""

    schema: str
    name: str
    statement: str
    """That creates it."""

    def concurrently(self) -> str:
        """The same without keeping writers waiting; what is there already is left."""
        return self.statement.replace(" INDEX ", " INDEX CONCURRENTLY IF NOT EXISTS ", 1)

    def dropped(self) -> str:
        """The statement that takes it away, without keeping anybody waiting."""
        return f'DROP INDEX CONCURRENTLY IF EXISTS {self.schema}."{self.name}"'

    def look_up(self) -> str | None:
        """A query that it serves; None where it serves others than equality."""
        found = _STATEMENT.fullmatch(self.statement)
        if found is None or found["method"] != "btree":
            return None
        column = found["columns"].split(",")[0].split()[0]
        where = f" AND {found['where']}" if found["where"] else ""
        table = f"{found['schema']}.{found['table']}"
        return (
            f"SELECT count(*) FROM {table} WHERE {column} = "  # noqa: S608 - the product's own names
            f"(SELECT {column} FROM {table} WHERE {column} IS NOT NULL{where} LIMIT 1){where}"
        )


def expected(conn: "psycopg.Connection[dict[str, Any]]") -> Iterator[Index]:
    """Every index that a database with these models' tables has when nothing is missing."""
    models = conn.execute(_MODELS).fetchall()
    for statement in _statements():
        if _EMBEDDINGS in statement:
            for model in models:
                yield _index(statement.format(**model))
        else:
            yield _index(statement)


def missing(conn: "psycopg.Connection[dict[str, Any]]") -> tuple[Index, ...]:
    """Those that are not there, or were left half built."""
    there = {
        (row["schema"], row["name"]) for row in conn.execute(_THERE).fetchall() if row["valid"]
    }
    return tuple(each for each in expected(conn) if (each.schema, each.name) not in there)


def _statements() -> Iterator[str]:
    folder = resources.files("bigbrother.operations.troubleshooting.solutions")
    for line in folder.joinpath("indexes.sql").read_text("utf-8").splitlines():
        if not line.startswith("--"):
            yield line.removesuffix(";")


def _index(statement: str) -> Index:
    found = _STATEMENT.fullmatch(statement)
    if found is None:
        raise ValueError(f"not the statement of an index: {statement}")
    return Index(found["schema"], found["name"], statement)
