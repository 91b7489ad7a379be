"""Looks for bytes in every row of every table of a database, the catalogs among them."""

from collections.abc import Iterable, Mapping

import psycopg
from psycopg import sql

# Tables whose rows cannot be read as text, or that hold nothing of this database alone.
_NOT_READ = {"pg_largeobject"}


def tables_that_hold(
    superuser: psycopg.Connection[tuple[object, ...]], wanted: Mapping[str, Iterable[str]]
) -> dict[str, set[str]]:
    """For each wanted thing, where any of its spellings stands; `row::text` writes bytes as hex."""
    found: dict[str, set[str]] = {what: set() for what in wanted}
    tables = superuser.execute(
        "SELECT n.nspname, c.relname, c.relkind"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'm', 't') AND c.relname <> ALL(%s)",
        (list(_NOT_READ),),
    ).fetchall()
    assert len(tables) > 80
    for schema, name, kind in tables:
        table = sql.Identifier(str(schema), str(name))
        text = sql.SQL("chunk_data::text" if kind == "t" else "t::text")
        for what, spellings in wanted.items():
            query = sql.SQL(
                "SELECT count(*) FROM {} t WHERE EXISTS (SELECT FROM unnest(%s::text[]) AS w"
                " WHERE position(w IN {}) > 0)"
            ).format(table, text)
            counted = superuser.execute(query, (list(spellings),)).fetchone()
            if counted is not None and counted[0]:
                found[what].add(f"{schema}.{name}")
    return found
