"""The document's bounds of a look as limits."""

from bigbrother.operations.checks.limits import Limits
from bigbrother.runbook.sections.diagnosis import Bounds


def limits_of(bounds: Bounds) -> Limits:
    """What warns and what fails."""
    return Limits(bounds.failure, bounds.warning)
