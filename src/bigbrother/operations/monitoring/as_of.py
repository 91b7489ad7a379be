"""The moment as of which things are deleted: it follows the clock, and never runs ahead with it.

A clock that is years ahead for some minutes would otherwise delete everything.
"""

from datetime import UTC, datetime, timedelta
from sqlite3 import Connection

_FACT = "upkeep-came-to"


def as_of(conn: Connection, now: datetime, most: timedelta) -> datetime:
    """At most `most` after the moment that the watcher's upkeep came to last; now without one."""
    row = conn.execute("SELECT at FROM fact WHERE name = ?", (_FACT,)).fetchone()
    return now if row is None else min(now, datetime.fromtimestamp(row["at"], UTC) + most)


def come_to(conn: Connection, now: datetime, most: timedelta) -> datetime:
    """The same, and it is written down: only what comes again and again may do that."""
    until = as_of(conn, now, most)
    conn.execute(
        "INSERT OR REPLACE INTO fact (name, value, at) VALUES (?, '', ?)",
        (_FACT, until.timestamp()),
    )
    return until
