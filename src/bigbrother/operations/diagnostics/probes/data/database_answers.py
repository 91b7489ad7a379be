"""Whether the database takes a connection and answers on it, and how fast."""

from bigbrother.kernel.status import Status
from bigbrother.operations.checks.result import Result, measured
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.operations.diagnostics.bounds import limits_of
from bigbrother.operations.diagnostics.database import UNIT, rows
from bigbrother.operations.diagnostics.errors import DatabaseAway, StatementRefused
from bigbrother.operations.diagnostics.scene import Scene

NAME = "database_answers"


def look(scene: Scene) -> tuple[Result, ...]:
    """One connection and one question; refused or silent is failed, without a figure."""
    bounds = limits_of(scene.runbook.diagnostics.limits.database_answer)
    began = scene.clock.monotonic_seconds()
    try:
        rows(scene, "SELECT 1 AS one")
    except (DatabaseAway, StatementRefused) as error:
        return (
            Result(
                NAME,
                Status.FAILED,
                threshold=bounds.threshold(Status.FAILED),
                target=UNIT,
                evidence=(error.detail,),
                remedy=sentence(
                    "Bring it back: bigbrother run service_recovery.{unit}.", unit=UNIT
                ),
                limits=bounds,
            ),
        )
    took = scene.clock.monotonic_seconds() - began
    return (
        measured(
            NAME,
            took,
            "seconds",
            bounds,
            target=UNIT,
            evidence=(
                sentence(
                    "It took a connection and answered within {took}.",
                    took=Figure(took, "seconds"),
                ),
            ),
            remedy=sentence("See what it does: slow_queries and locks of bigbrother diagnose."),
        ),
    )
