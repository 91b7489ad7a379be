"""What batches hold about one person, ready to be shown to that person and nobody else's."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bigbrother.face.batch import results
from bigbrother.face.batch.records import ItemResult
from bigbrother.face.gallery.records import Subject
from bigbrother.face.gallery.statements import GalleryConnection
from bigbrother.security.keys import MasterKey


def about(
    conn: GalleryConnection, subject: Subject, *, master_key: MasterKey, now: datetime
) -> Iterator[dict[str, Any]]:
    """Every result about the subject; of an identification the faces that were taken for it."""
    found = results.about_subject(conn, subject.id, master_key=master_key, now=now)
    for batch_id, result in found:
        yield {
            "batch": str(batch_id),
            "number": result.number,
            "image": result.name,
            "state": result.state,
            "done_at": result.done_at,
            "result": _own(result, subject.external_id),
        }


def _own(result: ItemResult, external_id: str) -> dict[str, Any] | None:
    answer = result.answer
    if answer is None or "faces" not in answer:
        return answer
    faces = []
    for face in answer["faces"]:
        own = [one for one in face.get("matches", ()) if one["external_id"] == external_id]
        if own:
            faces.append(face | {"matches": own})
    return answer | {"faces": faces}
