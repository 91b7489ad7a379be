"""Step vacuum_tables: dead rows are freed and the planner's figures renewed, by what is measured.

Never VACUUM FULL: it would keep everybody waiting.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bigbrother.operations.housekeeping.database import connected, mending, statement
from bigbrother.operations.housekeeping.relation import Relation
from bigbrother.operations.housekeeping.said import share
from bigbrother.operations.housekeeping.turn import Left, in_turn, said_of
from bigbrother.operations.procedures.action import Action, Arguments, StepContext
from bigbrother.operations.procedures.outcome import Happened, Outcome
from bigbrother.runbook.sections.housekeeping import Optimization

if TYPE_CHECKING:
    import psycopg


@dataclass(frozen=True, slots=True)
class TableState(Relation):
    """A table by the server's own counts of its rows."""

    live: int
    dead: int
    changed: int
    """Since it was analysed last."""
    analysed: bool
    occupied_bytes: int

    @property
    def rows(self) -> int:
        return self.live + self.dead

    def wants_vacuum(self, figures: Optimization) -> bool:
        """Whether it has too many dead rows."""
        return (
            self.dead >= figures.least_dead_rows
            and self.dead >= figures.dead_rows.value * self.rows
        )

    def wants_analyze(self, figures: Optimization) -> bool:
        """Whether the planner knows too little of it."""
        if not self.analysed:
            # After a crash the server has forgotten its counts: then the size alone tells.
            return self.rows > 0 or self.occupied_bytes > 0
        share_of_rows = figures.changed_rows.value * self.live
        return self.changed >= max(figures.least_dead_rows, share_of_rows)

    def __str__(self) -> str:
        dead = self.dead / self.rows if self.rows else 0.0
        return f"{self.name} ({self.dead:,} dead rows, {share(dead)}; {self.changed:,} changed)"


def _states(conn: "psycopg.Connection[dict[str, Any]]") -> tuple[TableState, ...]:
    return tuple(TableState(**row) for row in conn.execute(statement("tables")).fetchall())


def _wanting(
    conn: "psycopg.Connection[dict[str, Any]]", figures: Optimization
) -> tuple[TableState, ...]:
    return tuple(
        state
        for state in _states(conn)
        if state.wants_vacuum(figures) or state.wants_analyze(figures)
    )


def _do(context: StepContext, _: Arguments) -> Outcome:
    figures = context.services.runbook.optimization
    from psycopg import sql  # noqa: PLC0415

    with mending(context.services) as conn:
        wanting = _wanting(conn, figures)

        def mend(state: TableState) -> None:
            how = sql.SQL("VACUUM (ANALYZE)" if state.wants_vacuum(figures) else "ANALYZE")
            context.journal.say(f"{how.as_string()} {state}.")
            conn.execute(sql.SQL("{} {}").format(how, state.quoted))

        done, left = in_turn(context, wanting, mend)
        names = {state.name for state in done}
        held = [
            state for state in _states(conn) if state.name in names and state.wants_vacuum(figures)
        ]
        left += [Left(state.name, _held_back(conn)) for state in held]
    return said_of(len(done) - len(held), "table", left)


def _held_back(conn: "psycopg.Connection[dict[str, Any]]") -> str:
    row = conn.execute(statement("holder")).fetchone()
    if row is None:
        return "its dead rows are still in use"
    return f"session {row['pid']} of {row['usename']} still sees its dead rows"


def _plan(context: StepContext, _: Arguments) -> str:
    figures = context.services.runbook.optimization
    with connected(context.services) as conn:
        wanting = _wanting(conn, figures)
    if not wanting:
        return "Nothing: no table has decayed."
    return "; ".join(
        f"Would {'vacuum and ' if state.wants_vacuum(figures) else ''}analyse {state}"
        for state in wanting
    )


def _verify(context: StepContext, _: Arguments) -> Happened:
    with connected(context.services) as conn:
        wanting = _wanting(conn, context.services.runbook.optimization)
    return Happened.NO if wanting else Happened.YES


VACUUM_TABLES = Action("vacuum_tables", Arguments, _do, _plan, idempotent=True, verify=_verify)
