"""How much of the main memory is taken."""

from bigbrother.operations.checks.limits import Limits, limits
from bigbrother.operations.checks.observed import Observed
from bigbrother.operations.checks.result import Result, measured
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.runbook.model import Runbook

NAME = "memory_usage"


def limits_of(runbook: Runbook) -> Limits:
    """What warns and what fails."""
    return limits(
        runbook.daily_checks.system.memory_usage,
        runbook.monitoring_tasks.system.resources.alert_threshold,
    )


def look(observed: Observed) -> tuple[Result, ...]:
    """The share of the memory that is used, without what the kernel would give back."""
    bounds = limits_of(observed.runbook)
    memory = observed.host.memory()
    return (
        measured(
            NAME,
            memory.used_bytes / memory.total_bytes,
            "ratio",
            bounds,
            evidence=(
                sentence(
                    "{used} of {total} are used.",
                    used=Figure(memory.used_bytes, "bytes"),
                    total=Figure(memory.total_bytes, "bytes"),
                ),
            ),
            remedy=sentence(
                "See with `top` (key M) who takes it; restart what grew, or add memory."
            ),
        ),
    )
