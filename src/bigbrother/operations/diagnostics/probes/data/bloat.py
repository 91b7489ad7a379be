"""How many dead rows tables carry along."""

from bigbrother.kernel.status import Status
from bigbrother.operations.checks.result import Result, measured
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.operations.diagnostics.bounds import limits_of
from bigbrother.operations.diagnostics.database import Row, rows
from bigbrother.operations.diagnostics.scene import Scene

NAME = "bloat"
_STATEMENT = """
SELECT schemaname || '.' || relname AS name, n_dead_tup AS dead, n_live_tup AS live,
       pg_total_relation_size(relid) AS bytes
FROM pg_stat_user_tables
WHERE n_live_tup + n_dead_tup >= %(least)s
ORDER BY n_dead_tup::float8 / (n_live_tup + n_dead_tup) DESC
LIMIT %(named)s
"""


def look(scene: Scene) -> tuple[Result, ...]:
    """The worst tables of those that are large enough; skipped where none is."""
    looks = scene.runbook.diagnostics.looks
    found = rows(scene, _STATEMENT, {"least": looks.least_rows, "named": looks.named})
    if not found:
        small = sentence("No table has {least} rows.", least=Figure(looks.least_rows, "count"))
        return (Result(NAME, Status.SKIPPED, evidence=(small,)),)
    return tuple(_table(scene, each) for each in found)


def _table(scene: Scene, found: Row) -> Result:
    return measured(
        NAME,
        found["dead"] / (found["dead"] + found["live"]),
        "ratio",
        limits_of(scene.runbook.diagnostics.limits.dead_rows),
        target=str(found["name"]),
        evidence=(
            sentence(
                "{dead} rows are dead, {live} live; it takes {bytes}.",
                dead=Figure(found["dead"], "count"),
                live=Figure(found["live"], "count"),
                bytes=Figure(found["bytes"], "bytes"),
            ),
        ),
        remedy=sentence(
            "Clear it away: VACUUM (ANALYZE) {table}; see whether an old transaction keeps it.",
            table=str(found["name"]),
        ),
    )
