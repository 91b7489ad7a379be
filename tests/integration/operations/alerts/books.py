"""A book on a real file, and what must be true of the file whatever was done to it."""

import sqlite3
from collections import Counter
from pathlib import Path

from bigbrother.operations.alerts.book import AlertBook
from bigbrother.operations.store.store import Store
from bigbrother.runbook.model import Runbook
from tests.unit.operations.alerts.findings import RUNBOOK


def opened_book(folder: Path, runbook: Runbook = RUNBOOK) -> tuple[Store, AlertBook]:
    """As a process that knows nothing but the file."""
    store = Store(folder / "ops.db")
    return store, AlertBook(store, lambda: runbook)


def events(store: Store, alert_id: str | None = None) -> list[str]:
    """The kinds of all events, or of one alert's, in their order."""
    rows = store.read(
        lambda conn: conn.execute(
            "SELECT kind FROM alert_event WHERE :id IS NULL OR alert_id = :id ORDER BY id",
            {"id": alert_id},
        ).fetchall()
    )
    return [row["kind"] for row in rows]


def assert_sound(conn: sqlite3.Connection) -> None:
    """One open alert a fingerprint; each fired once if it fired; each ended once if it is over."""
    kinds: Counter[tuple[str, str]] = Counter()
    for row in conn.execute("SELECT alert_id, kind FROM alert_event"):
        kinds[row["alert_id"], row["kind"]] += 1
    still_open: Counter[str] = Counter()
    for row in conn.execute("SELECT * FROM alert"):
        fired, over = row["fired_at"] is not None, row["state"] == "resolved"
        assert kinds[row["id"], "fired"] == fired
        assert kinds[row["id"], "resolved"] == (fired and over)
        assert kinds[row["id"], "forgotten"] == (over and not fired)
        assert (row["resolved_at"] is not None) is over
        still_open[row["fingerprint"]] += not over
    assert max(still_open.values(), default=0) <= 1
