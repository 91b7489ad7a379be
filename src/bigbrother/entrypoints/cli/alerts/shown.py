"""Alerts as a person reads them, and as a program does."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from rich.text import Text

from bigbrother.entrypoints.cli.output import plain
from bigbrother.operations.alerts.quiet import Quiet
from bigbrother.operations.alerts.records import Alert, AlertEvent, AlertState
from bigbrother.operations.alerts.silences import Silence

_ID_SHOWN = 8
_STYLES = {
    "emergency": "bold white on red",
    "critical": "bold red",
    "high": "red",
    "medium": "yellow",
    "low": "cyan",
}
COLUMNS = ("ID", "SEVERITY", "ALERT", "LABELS", "STATE", "SINCE", "SUMMARY")


def row(alert: Alert, quiet: Quiet | None = None) -> Sequence[object]:
    """One line of a table under COLUMNS."""
    return (
        short(alert.id),
        severity(alert.severity),
        alert.name,
        labels(alert.labels),
        state(alert, quiet),
        moment(alert.fired_at or alert.began_at),
        alert.summary,
    )


def severity(name: str) -> Text:
    """In its colour, where somebody looks."""
    return Text(plain(name), style=_STYLES.get(name, ""))


def short(alert_id: str) -> str:
    """The beginning of an id, enough to name it."""
    return alert_id[:_ID_SHOWN]


def labels(found: Mapping[str, str]) -> str:
    """As they are given to `silence`."""
    return " ".join(f"{key}={value}" for key, value in sorted(found.items()))


def state(alert: Alert, quiet: Quiet | None = None) -> str:
    """Its state, and why nobody is paged."""
    words = [str(alert.state)]
    if alert.state is AlertState.RESOLVED and alert.fired_at is None:
        words = ["never fired"]
    if alert.flapping:
        words.append("flapping")
    if alert.acknowledged_by is not None:
        words.append(f"acknowledged by {alert.acknowledged_by}")
    if quiet is not None:
        by = quiet.by if quiet.reason == "maintenance" else short(quiet.by)
        words.append(f"quiet: {quiet.reason} {by}")
    return ", ".join(words)


def moment(at: datetime | None) -> str | None:
    """In the zone of whoever looks."""
    return None if at is None else f"{at.astimezone():%F %H:%M:%S}"


def alert_json(alert: Alert, quiet: Quiet | None = None) -> dict[str, object]:
    """Everything that is known of an alert."""
    return {
        "id": alert.id,
        "name": alert.name,
        "labels": dict(alert.labels),
        "severity": alert.severity,
        "state": alert.state,
        "origin": alert.origin,
        "summary": alert.summary,
        "remedy": alert.remedy,
        "value": alert.value,
        "unit": alert.unit,
        "threshold": alert.threshold,
        "began_at": _iso(alert.began_at),
        "fired_at": _iso(alert.fired_at),
        "page_after": _iso(alert.page_after),
        "resolved_at": _iso(alert.resolved_at),
        "seen_at": _iso(alert.seen_at),
        "flapping": alert.flapping,
        "acknowledged_at": _iso(alert.acknowledged_at),
        "acknowledged_by": alert.acknowledged_by,
        "quiet": None
        if quiet is None
        else {"reason": quiet.reason, "by": quiet.by, "until": _iso(quiet.until)},
    }


def event_json(event: AlertEvent) -> dict[str, object]:
    """Something that happened to an alert."""
    return {"at": _iso(event.at), "kind": event.kind, "who": event.who, "detail": event.detail}


def silence_json(silence: Silence, at: datetime) -> dict[str, object]:
    """A silence, and whether it holds."""
    return {
        "id": silence.id,
        "matcher": dict(silence.matcher),
        "state": silence.state(at),
        "begins_at": _iso(silence.begins_at),
        "ends_at": _iso(silence.ends_at),
        "who": silence.who,
        "reason": silence.reason,
    }


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
