"""What is different in a procedure since a run of it began."""

import difflib
from collections.abc import Sequence

from bigbrother.operations.procedures.procedure import PlannedStep, Procedure
from bigbrother.operations.procedures.records import Run

GONE = "gone"
"""In place of the fingerprint of a procedure that the document has no more."""


def fingerprint_now(procedure: Procedure | None) -> str:
    """Of the procedure as the document stands now; None: it is there no more."""
    return GONE if procedure is None else procedure.fingerprint


def has_changed(run: Run, procedure: Procedure | None) -> bool:
    """Whether it differs from what the run began with, and from what a person was shown."""
    return fingerprint_now(procedure) not in (run.fingerprint, run.other_fingerprint)


def difference(run: Run, procedure: Procedure | None) -> str:
    """For a person: which steps came (+) and went (-)."""
    if procedure is None:
        return f"The document has no procedure {run.procedure} any more."
    lines = difflib.ndiff(_lines(run.steps), _lines(procedure.steps))
    shown = "\n".join(line.rstrip() for line in lines if not line.startswith("?"))
    return f"The procedure {run.procedure} has changed since the run began:\n{shown}"


def _lines(steps: Sequence[PlannedStep]) -> list[str]:
    return [
        " ".join([step.action, *(f"{name}={value}" for name, value in step.arguments.items())])
        for step in steps
    ]
