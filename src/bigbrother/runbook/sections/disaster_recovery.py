"""Section 9: disasters."""

from bigbrother.runbook.figures import Duration
from bigbrother.runbook.section import Name, Section


class DisasterProcedure(Section):
    """Section 9.1, one kind of disaster with its targets."""

    rto: Duration
    """The service is back within this time."""
    rpo: Duration
    """No more than this much of the newest work is lost."""
    steps: tuple[Name, ...]


class DisasterRecovery(Section):
    """Section 9.1."""

    complete_outage: DisasterProcedure
    data_corruption: DisasterProcedure


class DrChecklist(Section):
    """Section 9.2."""

    pre_disaster: tuple[Name, ...]
    during_disaster: tuple[Name, ...]
    post_disaster: tuple[Name, ...]
