"""What helps against an issue, by the words of section 3.1, and the procedure that it is."""

from collections.abc import Iterator

from bigbrother.runbook.model import Runbook

RECOVER = "recover "
"""Before a service: its procedure of section 4.1."""


def solution_names(runbook: Runbook) -> tuple[str, ...]:
    """Every solution that an issue may name."""
    return tuple(solution for solution, _ in _all(runbook))


def procedure_of(solution: str, runbook: Runbook) -> str | None:
    """The name that `bigbrother run` takes; None while its machinery is still to come."""
    return next((procedure for name, procedure in _all(runbook) if name == solution), None)


def _all(runbook: Runbook) -> Iterator[tuple[str, str]]:
    """With words as the source writes them: `scale resources` for `scale_resources` too."""
    for section, names in (
        ("solutions", runbook.solutions),
        ("housekeeping", runbook.housekeeping),
    ):
        for name in names:
            yield name.replace("_", " "), f"{section}.{name.replace(' ', '_')}"
    for service in runbook.service_recovery:
        yield f"{RECOVER}{service}", f"service_recovery.{service}"
