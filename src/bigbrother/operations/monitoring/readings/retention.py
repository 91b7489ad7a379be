"""What readings have outlived their time is deleted."""

import sqlite3
from datetime import datetime

from bigbrother.operations.monitoring.readings import chunks
from bigbrother.runbook.model import Retention


def purge(conn: sqlite3.Connection, retention: Retention, now: datetime) -> int:
    """Deletes what is older than the document keeps it; how many chunks that were."""
    kept = {
        chunks.RAW: retention.readings,
        300: retention.readings_5m,
        3600: retention.readings_1h,
        86400: retention.readings_1d,
    }
    deleted = sum(
        chunks.delete_before(conn, resolution, int((now - keep.duration).timestamp()))
        for resolution, keep in kept.items()
    )
    if deleted:
        conn.execute(
            "DELETE FROM series WHERE NOT EXISTS (SELECT 1 FROM chunk WHERE series_id = series.id)"
            " AND NOT EXISTS (SELECT 1 FROM point WHERE series_id = series.id)"
        )
    return deleted
