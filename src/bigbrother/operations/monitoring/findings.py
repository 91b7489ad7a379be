"""Turns what a check found into what an alert may come of."""

from collections.abc import Iterable
from datetime import datetime

from bigbrother.operations.checks.result import Result
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.monitoring.readings.series import Reading

# The others' alerts have the check's own name.
_ALERTS = {"response_time": "endpoint_slow"}
_TARGETS = {"disk_space": "mount", "gpu_usage": "gpu"}


def finding(result: Result, at: datetime) -> Finding:
    """The finding of a result; its evidence is the summary."""
    return Finding(
        alert=_ALERTS.get(result.check, result.check),
        status=result.status,
        at=at,
        labels=_labels(result),
        summary=" ".join(result.evidence),
        remedy=result.remedy,
        value=result.value,
        unit=result.unit,
        threshold=result.threshold,
    )


def findings(results: Iterable[Result], at: datetime) -> list[Finding]:
    """A finding of each result."""
    return [finding(result, at) for result in results]


def readings(results: Iterable[Result], at: datetime) -> list[Reading]:
    """A reading of each result that has a figure."""
    return [
        Reading(result.check, at, result.value, result.unit, _labels(result))
        for result in results
        if result.value is not None
    ]


def _labels(result: Result) -> dict[str, str]:
    return {_TARGETS.get(result.check, "target"): result.target} if result.target else {}
