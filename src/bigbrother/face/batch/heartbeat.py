"""The workers' last sign of life, as the queue keeps it."""

from datetime import datetime

from bigbrother.face.gallery.statements import GalleryConnection


def newest(conn: GalleryConnection) -> datetime | None:
    """When any worker last said that it lives; None while none has."""
    found = conn.execute("SELECT max(last_heartbeat) FROM queue.procrastinate_workers").fetchone()
    return None if found is None else found[0]
