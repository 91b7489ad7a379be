"""Step rebuild_indexes: indexes that have decayed are built anew beside the old ones.

One at a time, while everybody reads and writes. What an interrupted rebuild left is dropped first.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bigbrother.operations.housekeeping.bloat import Bloat, btree_bytes, hnsw_bytes
from bigbrother.operations.housekeeping.database import connected, mending, statement
from bigbrother.operations.housekeeping.relation import Relation
from bigbrother.operations.housekeeping.said import amount, share, size
from bigbrother.operations.housekeeping.turn import Left, in_turn, said_of
from bigbrother.operations.procedures.action import Action, ActionServices, Arguments, StepContext
from bigbrother.operations.procedures.outcome import Happened, Outcome
from bigbrother.runbook.sections.housekeeping import Optimization

if TYPE_CHECKING:
    import psycopg

_SAMPLED_ROWS = 1000
_NUMBER_BYTES = {"vector": 4, "halfvec": 2}
_ROOM_SHARE = 2
"""While it is built, the new index lies beside the old one, with what sorting takes."""


@dataclass(frozen=True, slots=True)
class IndexState(Relation):
    """An index with its size, and with what that should be."""

    bloat: Bloat

    def wants_rebuild(self, figures: Optimization) -> bool:
        """Whether enough of it would be gone."""
        return (
            self.bloat.ratio >= figures.bloat.value
            and self.bloat.wasted_bytes >= figures.least_bloat.value
        )

    def __str__(self) -> str:
        waste = share(self.bloat.ratio)
        return f"{self.name} ({size(self.bloat.occupied_bytes)}, {waste} of it waste)"


def measured(conn: "psycopg.Connection[dict[str, Any]]") -> tuple[IndexState, ...]:
    """Every index whose size can be told from its rows, the most wasteful first."""
    states = []
    for row in conn.execute(statement("indexes")).fetchall():
        anew_bytes = _anew_bytes(conn, row)
        if anew_bytes is not None:
            bloat = Bloat(row["occupied_bytes"], anew_bytes)
            states.append(IndexState(row["schema"], row["relation"], bloat))
    return tuple(sorted(states, key=lambda state: -state.bloat.wasted_bytes))


def _anew_bytes(conn: "psycopg.Connection[dict[str, Any]]", row: dict[str, Any]) -> int | None:
    if row["method"] == "hnsw":
        number_bytes = _NUMBER_BYTES.get(row["type"])
        if number_bytes is None or row["dimension"] <= 0:
            return None
        return hnsw_bytes(row["rows"], row["dimension"], number_bytes, row["links"])
    return btree_bytes(row["rows"], _key_bytes(conn, row), row["fill_ratio"])


def _key_bytes(conn: "psycopg.Connection[dict[str, Any]]", row: dict[str, Any]) -> float:
    """On average, of some of its rows: the planner keeps no samples of what is personal."""
    from psycopg import sql  # noqa: PLC0415

    columns = [sql.Identifier(name) for name in row["columns"]]
    sizes = sql.SQL(" + ").join(
        sql.SQL("coalesce(pg_column_size({}), 0)").format(column) for column in columns
    )
    found = conn.execute(
        sql.SQL(
            "SELECT avg({sizes})::float8 AS bytes"
            " FROM (SELECT {columns} FROM {table} LIMIT {most}) AS sampled"
        ).format(
            sizes=sizes,
            columns=sql.SQL(", ").join(columns),
            table=sql.Identifier(row["schema"], row["of_table"]),
            most=sql.Literal(_SAMPLED_ROWS),
        )
    ).fetchone()
    return 0.0 if found is None or found["bytes"] is None else found["bytes"]


def _wanting(
    conn: "psycopg.Connection[dict[str, Any]]", figures: Optimization
) -> tuple[IndexState, ...]:
    return tuple(state for state in measured(conn) if state.wants_rebuild(figures))


def _leftovers(conn: "psycopg.Connection[dict[str, Any]]") -> tuple[Relation, ...]:
    rows = conn.execute(statement("leftovers")).fetchall()
    return tuple(Relation(row["schema"], row["relation"]) for row in rows)


def _drop_leftovers(
    context: StepContext, conn: "psycopg.Connection[dict[str, Any]]"
) -> tuple[int, list[Left]]:
    from psycopg import sql  # noqa: PLC0415

    def drop(index: Relation) -> None:
        context.journal.say(f"Drop what an interrupted rebuild left: {index.name}.")
        conn.execute(sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(index.quoted))

    done, left = in_turn(context, _leftovers(conn), drop)
    return len(done), left


def _do(context: StepContext, _: Arguments) -> Outcome:
    from psycopg import sql  # noqa: PLC0415

    services = context.services
    with mending(services) as conn:
        dropped, left = _drop_leftovers(context, conn)
        wanting = _wanting(conn, services.runbook.optimization)
        fitting = [state for state in wanting if _has_room(services, state)]
        left += [
            Left(state.name, "the disk has no room for a second one beside it")
            for state in wanting
            if state not in fitting
        ]

        def rebuild(state: IndexState) -> None:
            context.journal.say(f"REINDEX INDEX CONCURRENTLY {state}.")
            conn.execute(sql.SQL("REINDEX INDEX CONCURRENTLY {}").format(state.quoted))

        done, others = in_turn(context, fitting, rebuild)
        if others:
            # What it was at when it gave up lies there, and would be kept up for nothing.
            _drop_leftovers(context, conn)
        now = {state.name: state.bloat.occupied_bytes for state in measured(conn)}
    for state in done:
        before_bytes = state.bloat.occupied_bytes
        context.journal.say(
            f"{state.name}: {size(before_bytes)} became {size(now.get(state.name, 0))}."
        )
    return said_of(dropped + len(done), "index", [*left, *others], many="indexes")


def _has_room(services: ActionServices, state: IndexState) -> bool:
    if services.settings.dsn:
        # Another machine's disk, of which the server does not tell.
        return True
    mounts = services.host.mounts((services.settings.data / "postgres",))
    needed_bytes = _ROOM_SHARE * state.bloat.anew_bytes
    return all(mount.free_bytes >= needed_bytes for mount in mounts)


def _plan(context: StepContext, _: Arguments) -> str:
    with connected(context.services) as conn:
        leftovers = _leftovers(conn)
        wanting = _wanting(conn, context.services.runbook.optimization)
    told = []
    if leftovers:
        names = ", ".join(index.name for index in leftovers)
        told.append(f"Would drop what interrupted rebuilds left: {names}.")
    if wanting:
        told.append(
            f"Would rebuild {amount(len(wanting), 'index', 'indexes')}: "
            f"{', '.join(map(str, wanting))}."
        )
    return " ".join(told) or "Nothing: no index has decayed."


def _verify(context: StepContext, _: Arguments) -> Happened:
    with connected(context.services) as conn:
        open_work = _leftovers(conn) or _wanting(conn, context.services.runbook.optimization)
    return Happened.NO if open_work else Happened.YES


REBUILD_INDEXES = Action("rebuild_indexes", Arguments, _do, _plan, idempotent=True, verify=_verify)
