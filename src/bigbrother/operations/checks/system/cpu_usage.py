"""How busy the processors are."""

from bigbrother.operations.checks.limits import Limits, limits
from bigbrother.operations.checks.observed import Observed
from bigbrother.operations.checks.result import Result, measured
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.runbook.model import Runbook

NAME = "cpu_usage"


def limits_of(runbook: Runbook) -> Limits:
    """What warns and what fails."""
    return limits(
        runbook.daily_checks.system.cpu_usage,
        runbook.monitoring_tasks.system.resources.alert_threshold,
    )


def look(observed: Observed) -> tuple[Result, ...]:
    """The share of all processors' time that is used."""
    bounds = limits_of(observed.runbook)
    busy = observed.host.cpu_busy_ratio()
    return (
        measured(
            NAME,
            busy,
            "ratio",
            bounds,
            evidence=(sentence("The processors are {busy} busy.", busy=Figure(busy, "ratio")),),
            remedy=sentence(
                "See with `top` who uses them; lower the load, or move batches to another host."
            ),
        ),
    )
