"""Which alerts start which procedures, how freely, and when."""

from datetime import UTC, datetime

from bigbrother.operations.alerts.records import Alert, AlertState
from bigbrother.operations.response.curing import cure_of, cures
from bigbrother.runbook.model import Runbook
from tests.unit.runbook.probe import Probe

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def firing(name: str) -> Alert:
    """An alert about the face unit."""
    return Alert(
        id=name,
        fingerprint=name,
        name=name,
        labels={"unit": "bigbrother-face"},
        severity="critical",
        state=AlertState.FIRING,
        origin="watcher",
        summary="",
        remedy="",
        value=None,
        unit="",
        threshold="",
        began_at=NOON,
        fired_at=NOON,
        page_after=NOON,
        resolved_at=None,
        seen_at=NOON,
        flapping=False,
        acknowledged_at=None,
        acknowledged_by=None,
    )


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
