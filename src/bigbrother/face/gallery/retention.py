"""Destroys what has outlived its time: faces beyond their collection's retention, expired keys."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bigbrother.face.gallery.statements import GalleryConnection, Row, load, rows
from bigbrother.telemetry.audit import chain
from bigbrother.telemetry.audit.records import AuditEntry
from bigbrother.telemetry.audit.results import erased

_SQL = load("retention")
_AT_ONCE = 1000
"""Rows of each kind that one call destroys, so that none of its statements takes long."""
_PURPOSE = "retention"


@dataclass(frozen=True, slots=True)
class Purged:
    """What one call destroyed."""

    faces: int
    idempotency_keys: int

    @property
    def more(self) -> bool:
        """Whether another call, in a transaction of its own, finds something too."""
        return _AT_ONCE in (self.faces, self.idempotency_keys)


def purge(conn: GalleryConnection, now: datetime, *, audit_key: bytes) -> Purged:
    """Destroys some of what has outlived its time; call it again, after a commit, while `more`.

    Faces go with embeddings, crops and remembered answers; for each collection the audit gets one
    record. Restored copies need no ledger of it: the same faces outlive their time in them too.
    """
    limits = {"now": now, "at_most": _AT_ONCE}
    keys = conn.execute(_SQL["destroy_keys"], limits).rowcount
    outlived = rows(conn, _SQL["outlived_faces"], limits)
    conn.execute(_SQL["destroy_faces"], {"faces": [one["face_id"] for one in outlived]})
    chain.append(conn, _entries(outlived), key=audit_key, now=now)
    return Purged(len(outlived), keys)


def _entries(outlived: list[Row]) -> list[AuditEntry]:
    by_collection: dict[UUID, list[UUID]] = defaultdict(list)
    for one in outlived:
        by_collection[one["collection_id"]].append(one["subject_id"])
    return [
        AuditEntry(
            action="erase",
            token_id=None,
            token_name="",
            collection_id=collection_id,
            subject_ids=tuple(dict.fromkeys(subjects)),
            purpose=_PURPOSE,
            result=erased(len(subjects)),
            request_id="",
        )
        for collection_id, subjects in by_collection.items()
    ]
