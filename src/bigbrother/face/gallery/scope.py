"""What one search covers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from bigbrother.face.gallery import collections
from bigbrother.face.gallery.records import ModelVersion
from bigbrother.face.gallery.statements import GalleryConnection


@dataclass(frozen=True, slots=True)
class Scope:
    """The faces of one collection under one model that may be found at one time."""

    collection_id: UUID
    model: ModelVersion
    now: datetime
    kept_since: datetime | None
    """Faces enrolled at this time or before have outlived the collection's retention."""

    def filters(self) -> dict[str, Any]:
        """The values of the conditions on consent and retention."""
        return {"now": self.now, "kept_since": self.kept_since}


def scope(conn: GalleryConnection, collection: str, *, model: ModelVersion, now: datetime) -> Scope:
    """What a search of this collection covers now; raises CollectionNotFound."""
    found = collections.get(conn, collection)
    kept_since = None if found.retention is None else now - found.retention
    return Scope(found.id, model, now, kept_since)
