"""How long statements run that run now, and which are slow on the average."""

from bigbrother.operations.checks.result import Result, measured
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.operations.diagnostics.bounds import limits_of
from bigbrother.operations.diagnostics.database import APPLICATION, UNIT, line, shape
from bigbrother.operations.diagnostics.scene import Scene

NAME = "slow_queries"
# By the server's own clock: the beginning of this very statement.
_RUNNING = """
SELECT a.pid, coalesce(nullif(a.application_name, ''), a.usename) AS who, a.query,
       extract(epoch FROM me.query_start - a.query_start)::float8 AS seconds
FROM pg_stat_activity a
CROSS JOIN (SELECT query_start FROM pg_stat_activity WHERE pid = pg_backend_pid()) me
WHERE a.state = 'active' AND a.backend_type = 'client backend'
  AND a.application_name <> %(own)s
ORDER BY seconds DESC
LIMIT %(named)s
"""
_VIEW = "SELECT to_regclass('pg_stat_statements') IS NOT NULL AS known"
_ON_AVERAGE = """
SELECT query, calls, mean_exec_time / 1000 AS seconds
FROM pg_stat_statements
ORDER BY mean_exec_time DESC
LIMIT %(named)s
"""


def look(scene: Scene) -> tuple[Result, ...]:
    """The age of the oldest statement that runs; 0 s when none does."""
    figures = {"own": APPLICATION, "named": scene.runbook.diagnostics.looks.named}
    with line(scene) as conn:
        running = conn.execute(_RUNNING, figures).fetchall()
        known = conn.execute(_VIEW).fetchone()
        remembered = (
            conn.execute(_ON_AVERAGE, figures).fetchall() if known and known["known"] else []
        )
    longest = max((float(each["seconds"]) for each in running), default=0.0)
    named = tuple(
        sentence(
            "{who} (process {id}) has run for {seconds}: {query}",
            who=str(each["who"]),
            id=str(each["pid"]),
            seconds=Figure(float(each["seconds"]), "seconds"),
            query=shape(str(each["query"])),
        )
        for each in running
    )
    average = tuple(
        sentence(
            "On average {seconds} over {calls} calls: {query}",
            seconds=Figure(float(each["seconds"]), "seconds"),
            calls=Figure(float(each["calls"]), "count"),
            query=shape(str(each["query"])),
        )
        for each in remembered
    )
    return (
        measured(
            NAME,
            max(0.0, longest),
            "seconds",
            limits_of(scene.runbook.diagnostics.limits.statement),
            target=UNIT,
            evidence=(*(named or (sentence("No statement runs."),)), *average),
            remedy=sentence(
                "See whether it must run now; renew the planner's figures: bigbrother run "
                "solutions.optimize_queries."
            ),
        ),
    )
