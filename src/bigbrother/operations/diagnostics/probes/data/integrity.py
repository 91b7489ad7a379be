"""Whether the gallery contradicts itself: `SELECT * FROM verify_integrity()`."""

from bigbrother.kernel.status import Status
from bigbrother.operations.checks.result import Result
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.operations.diagnostics.database import UNIT, rows
from bigbrother.operations.diagnostics.scene import Scene

NAME = "integrity"
_STATEMENT = """
SELECT code, relation, count(*) AS many, min(row_id) AS example
FROM public.verify_integrity() GROUP BY code, relation ORDER BY many DESC
"""


def look(scene: Scene) -> tuple[Result, ...]:
    """Every broken invariant; unknown where the gallery is too large for the look's time."""
    found = rows(scene, _STATEMENT)
    total = float(sum(each["many"] for each in found))
    if not found:
        sound = sentence("No invariant of the gallery is broken.")
        return (Result(NAME, Status.PASSED, 0.0, "count", target=UNIT, evidence=(sound,)),)
    return (
        Result(
            NAME,
            Status.FAILED,
            total,
            "count",
            target=UNIT,
            evidence=tuple(
                sentence(
                    "{count} times {code} in {table}, such as {example}.",
                    count=Figure(each["many"], "count"),
                    code=str(each["code"]),
                    table=str(each["relation"]),
                    example=str(each["example"]),
                )
                for each in found[: scene.runbook.diagnostics.looks.named]
            ),
            remedy=sentence(
                "Do not write to it; keep a copy, and restore the last backup that is sound."
            ),
        ),
    )
