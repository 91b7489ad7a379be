"""How many connections the database has left."""

from bigbrother.operations.checks.result import Result, measured
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.operations.diagnostics.bounds import limits_of
from bigbrother.operations.diagnostics.database import APPLICATION, UNIT, rows
from bigbrother.operations.diagnostics.scene import Scene

NAME = "connections"
# Names of applications and databases are everybody's to see; states only the privileged's.
_STATEMENT = """
SELECT coalesce(nullif(application_name, ''), usename, '?') AS who, count(*) AS many,
       count(*) FILTER (WHERE state LIKE 'idle%%') AS idle,
       current_setting('max_connections')::int
       - current_setting('superuser_reserved_connections')::int AS most
FROM pg_stat_activity
WHERE datid IS NOT NULL AND application_name <> %(own)s
GROUP BY 1
"""


def look(scene: Scene) -> tuple[Result, ...]:
    """The share that is taken, without the diagnosis' own."""
    found = rows(scene, _STATEMENT, {"own": APPLICATION})
    used = sum(each["many"] for each in found)
    most = found[0]["most"] if found else 0
    ranked = sorted(found, key=lambda each: -each["many"])
    named = ", ".join(
        f"{each['who']} {each['many']}" for each in ranked[: scene.runbook.diagnostics.looks.named]
    )
    return (
        measured(
            NAME,
            used / most if most else 0.0,
            "ratio",
            limits_of(scene.runbook.diagnostics.limits.connections),
            target=UNIT,
            evidence=(
                sentence(
                    "{used} of {most} connections are taken: {who}.",
                    used=Figure(used, "count"),
                    most=Figure(most, "count"),
                    who=named or "–",
                ),
                sentence(
                    "{idle} of them do nothing.",
                    idle=Figure(sum(each["idle"] for each in found), "count"),
                ),
            ),
            remedy=sentence(
                "End what does nothing, or lower serving.database_connections; see who holds them: "
                "SELECT * FROM pg_stat_activity."
            ),
        ),
    )
