"""Whether any worker lives, by the sign of life that each writes into the database."""

from bigbrother.kernel.status import Status
from bigbrother.operations.checks.result import Result
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.operations.diagnostics.database import row
from bigbrother.operations.diagnostics.destinations import WORKER
from bigbrother.operations.diagnostics.scene import Scene

NAME = "workers"
# By the server's own clock, which also stamps the signs: the beginning of this very statement.
_STATEMENT = """
SELECT count(*) FILTER (WHERE w.last_heartbeat > me.query_start - %(dead_after)s) AS living,
       extract(epoch FROM max(me.query_start) - max(w.last_heartbeat))::float8 AS silent
FROM (SELECT query_start FROM pg_stat_activity WHERE pid = pg_backend_pid()) me
LEFT JOIN queue.procrastinate_workers w ON true
"""


def look(scene: Scene) -> tuple[Result, ...]:
    """How many live, on whatever hosts."""
    dead_after = scene.runbook.batch.worker_dead_after
    found = row(scene, _STATEMENT, {"dead_after": dead_after.duration})
    living = sentence("{count} workers live.", count=Figure(found["living"], "count"))
    if found["living"]:
        return (
            Result(
                NAME,
                Status.PASSED,
                float(found["living"]),
                "count",
                target=WORKER,
                evidence=(living,),
            ),
        )
    heard = (
        sentence("None has ever given a sign of life that is still kept.")
        if found["silent"] is None
        else sentence(
            "The last sign of life came {silent} ago.", silent=Figure(found["silent"], "seconds")
        )
    )
    return (
        Result(
            NAME,
            Status.FAILED,
            0.0,
            "count",
            target=WORKER,
            evidence=(living, heard),
            remedy=sentence("Bring it back: bigbrother run service_recovery.{unit}.", unit=WORKER),
        ),
    )
