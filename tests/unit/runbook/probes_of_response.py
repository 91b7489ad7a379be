"""Which alerts start which procedures, how freely, and when."""

from bigbrother.operations.alerts.records import Alert
from bigbrother.operations.response.curing import cure_of, cures
from bigbrother.runbook.model import Runbook
from tests.firing import firing
from tests.unit.runbook.probe import Probe


def begun(runbook: Runbook) -> object:
    """For each alert alone: what is begun when, or only suggested."""
    found = []
    for name in runbook.alerts.rules:
        alert = firing(name)
        known = cure_of(alert, runbook)
        found.append(
            (
                None if known is None else (known[1].name, known[0].policy, known[0].after.value),
                [(due.procedure.name, due.due_at) for due in cures([alert], _loud, runbook)],
            )
        )
    return found


def _loud(_alert: Alert) -> bool:
    return False


RESPONSE = (Probe(("response.cures.*",), begun),)
