"""Optimize queries: the planner's figures renewed, and missing indexes built."""

from functools import partial
from typing import TYPE_CHECKING, Any

from bigbrother.operations.housekeeping.database import connected, mending
from bigbrother.operations.procedures.action import Action, Arguments, StepContext
from bigbrother.operations.procedures.outcome import Happened, Outcome
from bigbrother.operations.troubleshooting.solutions import indexes, searches
from bigbrother.operations.troubleshooting.solutions.measurement import as_data, told
from bigbrother.operations.troubleshooting.solutions.requests import in_time

if TYPE_CHECKING:
    import psycopg

# The least of so many times is what the query itself takes, without what comes in between.
_TRIES = 5
_TABLES = """
SELECT n.nspname AS schema, c.relname AS name
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('public', 'queue') AND c.relkind = 'r'
ORDER BY 1, 2
"""


def query_times(context: StepContext) -> Outcome:
    """How long the service's queries take."""
    services = context.services
    with connected(services) as conn:
        look_ups = (each.look_up() for each in indexes.expected(conn))
        asked = [partial(_run, conn, query) for query in look_ups if query is not None]
        seconds = sum(min(in_time(services, ask) for _ in range(_TRIES)) for ask in asked)
        figures = {"look_up_seconds": seconds, **searches.search_figures(conn, context)}
    return Outcome(f"{told(figures).capitalize()}.", as_data(figures))


def _analyze(context: StepContext, _: Arguments) -> Outcome:
    with mending(context.services) as conn:
        tables = conn.execute(_TABLES).fetchall()
        for table in tables:
            conn.execute(f'ANALYZE {table["schema"]}."{table["name"]}"'.encode())
    return Outcome(f"The planner's figures of {len(tables)} tables are new.")


def _plan_analyze(context: StepContext, _: Arguments) -> str:
    with connected(context.services) as conn:
        return f"Would run ANALYZE on {len(conn.execute(_TABLES).fetchall())} tables."


def _create(context: StepContext, _: Arguments) -> Outcome:
    with mending(context.services) as conn:
        lacking = indexes.missing(conn)
        for index in lacking:
            context.journal.say(f"Builds {index.schema}.{index.name}.")
            # What an interrupted building left is in the way of the next.
            conn.execute(index.dropped().encode())
            conn.execute(index.concurrently().encode())
    if not lacking:
        return Outcome("No index is missing.", skipped=True)
    names = [f"{index.schema}.{index.name}" for index in lacking]
    return Outcome(f"Built {', '.join(names)}.", {"indexes": list(names)})


def _plan_create(context: StepContext, _: Arguments) -> str:
    with connected(context.services) as conn:
        lacking = indexes.missing(conn)
    if not lacking:
        return "Nothing: no index is missing."
    return "Would build " + ", ".join(f"{each.schema}.{each.name}" for each in lacking) + "."


def _verify_create(context: StepContext, _: Arguments) -> Happened:
    with connected(context.services) as conn:
        return Happened.NO if indexes.missing(conn) else Happened.YES


def _undo_create(context: StepContext, _: Arguments) -> Outcome:
    known = context.earlier.get("create_missing_indexes")
    told_of = () if known is None else known.data.get("indexes", ())
    built = set(map(str, told_of)) if isinstance(told_of, list) else set()
    with mending(context.services) as conn:
        # Without a word of what was built only what is half built is known to be ours.
        for index in indexes.expected(conn):
            if f"{index.schema}.{index.name}" in built:
                conn.execute(index.dropped().encode())
        for index in indexes.missing(conn):
            conn.execute(index.dropped().encode())
    if not built:
        return Outcome("No index is known to have been built by this run.", skipped=True)
    return Outcome(f"Dropped {', '.join(sorted(built))}.")


def _run(conn: "psycopg.Connection[dict[str, Any]]", query: str) -> None:
    conn.execute(query.encode()).fetchall()


ANALYZE_TABLES = Action("analyze_tables", Arguments, _analyze, _plan_analyze, idempotent=True)
CREATE_MISSING_INDEXES = Action(
    "create_missing_indexes",
    Arguments,
    _create,
    _plan_create,
    idempotent=True,
    verify=_verify_create,
    undo=_undo_create,
)
