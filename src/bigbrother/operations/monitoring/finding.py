"""What somebody saw that an alert may come of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bigbrother.kernel.status import Status
from bigbrother.runbook.sections.alerting import Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing at one moment, good or bad.

    FAILED fires its alert at the rule's severity, WARNING at the rule's `warning`; PASSED resolves
    it; UNKNOWN and SKIPPED leave it as it is.
    """

    alert: str
    """Name of a rule of the document; of one sent in any name."""
    status: Status
    at: datetime
    labels: Mapping[str, str] = field(default_factory=dict)
    """Which of several: `unit`, `mount`, `channel`."""
    summary: str = ""
    """One sentence for a person who was asleep."""
    remedy: str = ""
    value: float | None = None
    unit: str = ""
    threshold: str = ""
    grace_seconds: float = 0
    """Nobody is paged for this long after it fires."""
    severity: Severity | None = None
    """Of an alert that was sent in; otherwise the rule's."""
