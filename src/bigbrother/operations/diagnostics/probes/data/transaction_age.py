"""How far the numbers of transactions are used up before the database must be frozen."""

from bigbrother.operations.checks.result import Result, measured
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.operations.diagnostics.bounds import limits_of
from bigbrother.operations.diagnostics.database import UNIT, row
from bigbrother.operations.diagnostics.scene import Scene

NAME = "transaction_age"
_NUMBERS = 2**31
_STATEMENT = """
SELECT datname AS name, age(datfrozenxid) AS age FROM pg_database ORDER BY 2 DESC LIMIT 1
"""


def look(scene: Scene) -> tuple[Result, ...]:
    """Of the oldest database of the server."""
    found = row(scene, _STATEMENT)
    return (
        measured(
            NAME,
            found["age"] / _NUMBERS,
            "ratio",
            limits_of(scene.runbook.diagnostics.limits.transaction_age),
            target=UNIT,
            evidence=(
                sentence(
                    "The oldest transaction of {name} lies {age} back.",
                    name=str(found["name"]),
                    age=Figure(found["age"], "count"),
                ),
            ),
            remedy=sentence(
                "End old transactions and prepared ones, then: VACUUM (FREEZE) as the superuser."
            ),
        ),
    )
