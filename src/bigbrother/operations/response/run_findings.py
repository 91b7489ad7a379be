"""What runs that nobody in person asked for mean for people: one that fails is an alert."""

import sqlite3
from datetime import datetime

from bigbrother.kernel.status import Status
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.procedures.records import RunState

PROCEDURE_FAILED = "procedure_failed"
_WELL = frozenset({RunState.SUCCEEDED, RunState.CANCELLED, RunState.REJECTED})
_BAD = frozenset({RunState.FAILED, RunState.UNDONE, RunState.REFUSED, RunState.HELD})


def run_findings(conn: sqlite3.Connection, now: datetime) -> list[Finding]:
    """Of each procedure, how its newest run that went by itself stands; none while it goes on.

    A run by hand that succeeds after it makes it well, too.
    """
    rows = conn.execute(
        # SQLite takes the other columns from the row with the maximum.
        "SELECT procedure, id, state, error, remedy, automatic, max(created_at) FROM run"
        " WHERE automatic OR state = 'succeeded' GROUP BY procedure"
    )
    found = []
    for row in rows:
        state = RunState(row["state"])
        if state not in _WELL | _BAD or (state in _BAD and not row["automatic"]):
            continue
        found.append(_finding(row, state, now))
    return found


def _finding(row: sqlite3.Row, state: RunState, now: datetime) -> Finding:
    run_id, procedure = row["id"], row["procedure"]
    if state in _WELL:
        return Finding(PROCEDURE_FAILED, Status.PASSED, now, labels={"procedure": procedure})
    held = state is RunState.HELD
    what = "waits for a person" if held else f"ended {state}"
    show = f"bigbrother runs show {run_id}"
    return Finding(
        PROCEDURE_FAILED,
        Status.FAILED,
        now,
        labels={"procedure": procedure},
        summary=f"The procedure {procedure} {what}: {row['error']}".strip(": "),
        remedy=f"{row['remedy']} See: {show}.".strip(),
    )
