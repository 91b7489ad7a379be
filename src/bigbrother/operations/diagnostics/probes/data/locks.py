"""Who waits for a lock, and for whom."""

from bigbrother.operations.checks.result import Result, measured
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.operations.diagnostics.bounds import limits_of
from bigbrother.operations.diagnostics.database import UNIT, Row, rows, shape
from bigbrother.operations.diagnostics.scene import Scene

NAME = "locks"
# By the server's own clock: the beginning of this very statement.
_STATEMENT = """
SELECT waiting.pid, coalesce(nullif(waiting.application_name, ''), waiting.usename) AS who,
       blocking.pid AS by_pid,
       coalesce(nullif(blocking.application_name, ''), blocking.usename) AS by_who,
       coalesce(blocking.state, '?') AS by_state, coalesce(blocking.query, '') AS by_query,
       extract(epoch FROM me.query_start - held.waitstart)::float8 AS seconds
FROM pg_locks held
JOIN pg_stat_activity waiting USING (pid)
CROSS JOIN LATERAL unnest(pg_blocking_pids(waiting.pid)) AS by (pid)
JOIN pg_stat_activity blocking ON blocking.pid = by.pid
CROSS JOIN (SELECT query_start FROM pg_stat_activity WHERE pid = pg_backend_pid()) me
WHERE NOT held.granted AND held.waitstart IS NOT NULL
ORDER BY seconds DESC
"""


def look(scene: Scene) -> tuple[Result, ...]:
    """The longest wait; 0 s when nobody waits."""
    found = rows(scene, _STATEMENT)
    longest = max((float(each["seconds"]) for each in found), default=0.0)
    named = found[: scene.runbook.diagnostics.looks.named]
    return (
        measured(
            NAME,
            max(0.0, longest),
            "seconds",
            limits_of(scene.runbook.diagnostics.limits.lock_wait),
            target=UNIT,
            evidence=tuple(_waits(each) for each in named)
            or (sentence("Nobody waits for a lock."),),
            remedy=sentence(
                "End who holds it, if it does not end by itself: "
                "SELECT pg_terminate_backend({id}).",
                id=str(found[0]["by_pid"]) if found else "",
            ),
        ),
    )


def _waits(found: Row) -> str:
    return sentence(
        "{who} (process {id}) has waited for {seconds} for {holder} (process {by}, {state}): "
        "{query}",
        who=str(found["who"]),
        id=str(found["pid"]),
        seconds=Figure(float(found["seconds"]), "seconds"),
        holder=str(found["by_who"]),
        by=str(found["by_pid"]),
        state=str(found["by_state"]),
        query=shape(str(found["by_query"])),
    )
