"""Which alert a person means."""

import re
import sqlite3

from bigbrother.operations.alerts.errors import AlertNotFound, AmbiguousAlert
from bigbrother.operations.alerts.records import Alert
from bigbrother.operations.alerts.table import alert_of

_ID_START = re.compile(r"[0-9a-f]{1,16}")
_SHOWN = 5


def find_alert(conn: sqlite3.Connection, reference: str) -> Alert:
    """By id, by how an id begins, or by the name of an open alert.

    Raises AlertNotFound or AmbiguousAlert.
    """
    found: list[sqlite3.Row] = []
    if _ID_START.fullmatch(reference):
        # "g" sorts after every digit of an id.
        found = conn.execute(
            "SELECT * FROM alert WHERE id >= :start AND id < :start || 'g' LIMIT :most",
            {"start": reference, "most": _SHOWN},
        ).fetchall()
    if not found:
        found = conn.execute(
            "SELECT * FROM alert WHERE name = ? AND state != 'resolved' LIMIT ?",
            (reference, _SHOWN),
        ).fetchall()
    if not found:
        raise AlertNotFound(
            f"There is no alert '{reference}'.", remedy="See them: bigbrother alerts list --all."
        )
    if len(found) > 1:
        ids = ", ".join(row["id"] for row in found)
        raise AmbiguousAlert(f"'{reference}' may be any of {ids}.", remedy="Give more of the id.")
    return alert_of(found[0])
