"""How much is waiting, and how well batches go; for the metrics."""

from dataclasses import dataclass
from datetime import datetime

from bigbrother.face.gallery.statements import GalleryConnection, load, row, rows
from bigbrother.runbook import model as runbook_model

_SQL = load("statistics", "bigbrother.face.batch")


@dataclass(frozen=True, slots=True)
class BatchNumbers:
    """The state of all batches together."""

    queue_items: dict[str, int]
    """Items that wait, by their batch's priority."""
    oldest_waiting_seconds: float
    """Age of the oldest batch with items that wait; 0 when none does."""
    results: dict[str, int]
    """Items that ended within the window, by how."""
    success_ratio: float | None
    """Share of the items done in the window without a fault of the service; None: none ended."""
    workers: int
    """Workers that said lately that they live."""


def numbers(
    conn: GalleryConnection, *, figures: runbook_model.Batch, now: datetime
) -> BatchNumbers:
    """Counted now; some milliseconds for every hundred thousand results in the window."""
    queued = rows(conn, _SQL["queued"], {})
    since = now - figures.success_window.duration
    ended = rows(conn, _SQL["ended"], {"since": since})
    alive_since = now - figures.worker_dead_after.duration
    alive = row(conn, _SQL["workers"], {"since": alive_since}) or {}
    oldest = min((one["oldest"] for one in queued), default=now)
    done = sum(one["items"] for one in ended)
    faults = sum(one["faults"] for one in ended)
    return BatchNumbers(
        queue_items={one["priority"]: one["items"] for one in queued},
        oldest_waiting_seconds=max(0.0, (now - oldest).total_seconds()),
        results={one["state"]: one["items"] for one in ended},
        success_ratio=1 - faults / done if done else None,
        workers=alive["workers"],
    )
