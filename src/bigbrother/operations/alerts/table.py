"""Alerts and what happened to them, as rows of ops.db."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import UTC, datetime

from bigbrother.operations.alerts.records import Alert, AlertEvent, AlertState

_COLUMNS = tuple(field.name for field in fields(Alert))
_TIMES = frozenset(
    ("began_at", "fired_at", "page_after", "resolved_at", "seen_at", "acknowledged_at")
)
_SENTENCES = frozenset(("summary", "remedy", "acknowledged_by"))
# What never changes once an alert was made.
_FIXED = frozenset(("id", "fingerprint", "name", "labels", "origin"))
_SAVE = (
    f"INSERT INTO alert ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608 - our own names
    " ON CONFLICT (id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name not in _FIXED)
)


def open_alerts(conn: sqlite3.Connection) -> list[Alert]:
    """Those that are not resolved."""
    return [alert_of(row) for row in conn.execute("SELECT * FROM alert WHERE state != 'resolved'")]


def save_alerts(conn: sqlite3.Connection, alerts: Iterable[Alert]) -> None:
    """Writes alerts, new or changed, in this order."""
    conn.executemany(_SAVE, [_row_of(alert) for alert in alerts])


def add_events(conn: sqlite3.Connection, events: Iterable[tuple[str, AlertEvent]]) -> None:
    """Writes down what happened to alerts, named by their ids."""
    conn.executemany(
        "INSERT INTO alert_event (alert_id, at, kind, who, detail) VALUES (?, ?, ?, ?, ?)",
        [
            (key, event.at.timestamp(), event.kind, _storable(event.who), _storable(event.detail))
            for key, event in events
        ],
    )


def changes(conn: sqlite3.Connection) -> dict[str, tuple[datetime, ...]]:
    """The newest changes of each fingerprint, oldest first."""
    return {
        row["fingerprint"]: tuple(from_epoch(at) for at in json.loads(row["times"]))
        for row in conn.execute("SELECT fingerprint, times FROM alert_change")
    }


def save_changes(conn: sqlite3.Connection, changed: Mapping[str, tuple[datetime, ...]]) -> None:
    """Writes the newest changes of fingerprints; an empty one is forgotten."""
    rows = [
        (key, json.dumps([at.timestamp() for at in times]), times[-1].timestamp())
        for key, times in changed.items()
        if times
    ]
    conn.executemany("INSERT OR REPLACE INTO alert_change VALUES (?, ?, ?)", rows)
    gone = [(key,) for key, times in changed.items() if not times]
    conn.executemany("DELETE FROM alert_change WHERE fingerprint = ?", gone)


def forget_changes(conn: sqlite3.Connection, before: datetime) -> None:
    """Drops the changes of fingerprints that have no open alert and were calm since `before`."""
    conn.execute(
        "DELETE FROM alert_change WHERE last_at < ? AND fingerprint NOT IN"
        " (SELECT fingerprint FROM alert WHERE state != 'resolved')",
        (before.timestamp(),),
    )


def alert_of(row: sqlite3.Row) -> Alert:
    """The alert of a row that has all its columns."""
    values = {name: row[name] for name in _COLUMNS}
    values |= {name: _moment(values[name]) for name in _TIMES}
    return Alert(
        **values
        | {
            "labels": json.loads(values["labels"]),
            "state": AlertState(values["state"]),
            "flapping": bool(values["flapping"]),
            "healthy": bool(values["healthy"]),
        }
    )


def from_epoch(seconds: float) -> datetime:
    """A moment in UTC; one that was stored comes back to the microsecond."""
    return datetime.fromtimestamp(seconds, UTC)


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else from_epoch(seconds)


def _row_of(alert: Alert) -> tuple[object, ...]:
    return tuple(_cell(name, getattr(alert, name)) for name in _COLUMNS)


def _cell(name: str, value: object) -> object:
    if isinstance(value, datetime):
        return value.timestamp()
    if name == "labels":
        return json.dumps(value, sort_keys=True, default=dict)
    if name in _SENTENCES and value is not None:
        return _storable(str(value))
    return value


def _storable(text: str) -> str:
    """An error's text may hold bytes that are no UTF-8; they must not stop the writing."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
