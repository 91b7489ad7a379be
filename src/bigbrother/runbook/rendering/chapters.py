"""The ten chapters, in the order of the source."""

from bigbrother.runbook.model import Runbook
from bigbrother.runbook.rendering.blocks import Chapter, Say
from bigbrother.runbook.rendering.emergencies import disaster_recovery, escalation, references
from bigbrother.runbook.rendering.protection import alerting, security
from bigbrother.runbook.rendering.repair import maintenance, recovery, troubleshooting
from bigbrother.runbook.rendering.routine import overview, routine


def chapters(runbook: Runbook, say: Say) -> tuple[Chapter, ...]:
    """Everything that the human runbook says, not yet laid out."""
    writers = (
        overview,
        routine,
        troubleshooting,
        recovery,
        maintenance,
        security,
        alerting,
        escalation,
        disaster_recovery,
        references,
    )
    return tuple(write(runbook, say) for write in writers)
