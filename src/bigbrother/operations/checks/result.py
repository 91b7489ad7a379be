"""What a check found."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bigbrother.kernel.status import Status
from bigbrother.operations.checks.limits import Limits


@dataclass(frozen=True, slots=True)
class Result:
    """One look at one thing."""

    check: str
    """The check's name, as in section 2.1; it is the alert's name too."""
    status: Status
    value: float | None = None
    """In `unit`; None when it is not known or is no figure."""
    unit: str = ""
    """`ratio`, `seconds`, `bytes`, `count` or empty."""
    threshold: str = ""
    """What passes, in the document's words: `< 80%`."""
    target: str = ""
    """Which of several: a mount, a unit, a GPU."""
    evidence: tuple[str, ...] = ()
    """What was seen, a sentence each."""
    remedy: str = ""
    """What to do; empty when there is nothing to do."""
    limits: Limits | None = None
    """What warns and what fails, where the value is a figure."""
    figures: Mapping[str, float] = field(default_factory=dict)
    """Other figures of the same look, by names with their units: `false_match_ratio`."""

    def as_json(self) -> dict[str, object]:
        """For programs, and for the runs that are kept."""
        return {
            "check": self.check,
            "target": self.target,
            "status": str(self.status),
            "value": self.value,
            "unit": self.unit,
            "threshold": self.threshold,
            "evidence": list(self.evidence),
            "remedy": self.remedy,
            "figures": dict(self.figures),
        }


def measured(  # what was measured, where, and what to say of it
    check: str,
    value: float,
    unit: str,
    limits: Limits,
    *,
    target: str = "",
    evidence: tuple[str, ...] = (),
    remedy: str = "",
    figures: Mapping[str, float] | None = None,
) -> Result:
    """The result of a figure; the remedy is kept where there is something to remedy."""
    status = limits.judge(value)
    return Result(
        check,
        status,
        value,
        unit,
        limits.threshold(status),
        target,
        evidence,
        "" if status is Status.PASSED else remedy,
        limits,
        figures or {},
    )


def unknown(check: str, limits: Limits | None, *evidence: str, remedy: str = "") -> Result:
    """The result of a look that gave no figure."""
    threshold = "" if limits is None else limits.threshold(Status.UNKNOWN)
    return Result(
        check,
        Status.UNKNOWN,
        threshold=threshold,
        evidence=evidence,
        remedy=remedy,
        limits=limits,
    )
