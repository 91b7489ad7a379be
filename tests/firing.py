"""An alert that fires, for tests of what is made of it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bigbrother.operations.alerts.records import Alert, AlertState

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def firing(name: str, **changes: Any) -> Alert:  # noqa: ANN401 - of all kinds
    """A critical one of this name that has fired at noon, about the face unit unless changed."""
    made = Alert(
        id=f"id-{name}",
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
    return replace(made, **changes)
