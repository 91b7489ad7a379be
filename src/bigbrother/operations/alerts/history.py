"""What was: an alert's events, alerts that are over, and the end of their retention."""

import sqlite3
from datetime import datetime

from bigbrother.operations.alerts.records import Alert, AlertEvent
from bigbrother.operations.alerts.table import alert_of, from_epoch


def events(conn: sqlite3.Connection, alert_id: str) -> tuple[AlertEvent, ...]:
    """What happened to an alert, in its order."""
    rows = conn.execute(
        "SELECT at, kind, who, detail FROM alert_event WHERE alert_id = ? ORDER BY id",
        (alert_id,),
    )
    return tuple(
        AlertEvent(from_epoch(row["at"]), row["kind"], row["who"], row["detail"]) for row in rows
    )


def closed(conn: sqlite3.Connection, since: datetime) -> tuple[Alert, ...]:
    """Alerts that ended since then, the newest first; those that never fired among them."""
    rows = conn.execute(
        "SELECT * FROM alert WHERE state = 'resolved' AND resolved_at >= ?"
        " ORDER BY resolved_at DESC, id",
        (since.timestamp(),),
    )
    return tuple(alert_of(row) for row in rows)


def purge(conn: sqlite3.Connection, before: datetime) -> int:
    """Destroys alerts and silences that ended before then; how many alerts."""
    epoch = before.timestamp()
    conn.execute("DELETE FROM silence WHERE ends_at < ?", (epoch,))
    gone = conn.execute("DELETE FROM alert WHERE state = 'resolved' AND resolved_at < ?", (epoch,))
    return gone.rowcount
