"""Everything that is held about one person, in one archive that the person can read."""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from importlib import resources
from typing import IO, Any
from uuid import UUID

from bigbrother.face.gallery import collections, faces, model_versions, subjects
from bigbrother.face.gallery.records import Collection, Face, Subject
from bigbrother.face.gallery.statements import GalleryConnection, load, rows
from bigbrother.security.keys import MasterKey
from bigbrother.telemetry.audit import listing
from bigbrother.telemetry.audit.records import AuditRecord

_SQL = load("export")
_PAGE = 100
Content = Mapping[str, Any]


def write(
    conn: GalleryConnection,
    collection: str,
    external_id: str,
    archive: IO[bytes],
    *,
    batch_results: Iterable[Content],
    master_key: MasterKey,
) -> None:
    """Writes the archive, a zip, into an empty file.

    `batch_results` are those about the subject, ready to be shown to it. Raises
    CollectionNotFound, SubjectNotFound, SealBroken, and OSError where there is no room.
    """
    within = collections.get(conn, collection)
    subject = subjects.get(conn, collection, external_id, lock=True)
    readme = resources.files("bigbrother.face.gallery").joinpath("export_readme.txt")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        put = _Archive(file)
        put.add("README.txt", readme.read_bytes())
        put.add_json("subject.json", _described(subject, within))
        for face in _all_faces(conn, subject):
            put.add_json(f"faces/{face.id}.json", asdict(face))
            if face.has_crop:
                png = faces.crop(conn, collection, external_id, face.id, master_key=master_key)
                put.add(f"faces/{face.id}.png", png)
        for model in model_versions.registered(conn):
            statement = model_versions.compose(_SQL["embeddings"], model)
            for found in rows(conn, statement, {"subject_id": subject.id}):
                name = f"embeddings/{model.name}@{model.version}/{found['face_id']}.json"
                put.add_json(name, json.loads(found["embedding"]))
        put.add_json("batches.json", list(batch_results))
        about = listing.about(conn, subject.id)
        put.add_json("audit.json", [_audited(record, subject.id) for record in about])
        put.finish()


class _Archive:
    """Files on their way into the zip, and their digests."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self._digests: dict[str, str] = {}

    def add(self, name: str, content: bytes) -> None:
        self._file.writestr(name, content)
        self._digests[name] = hashlib.sha256(content).hexdigest()

    def add_json(self, name: str, content: object) -> None:
        self.add(name, _json(content))

    def finish(self) -> None:
        """Adds the manifest."""
        self._file.writestr("MANIFEST.json", _json({"sha256": self._digests}))


def _json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=2, default=_plain).encode()


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _described(subject: Subject, within: Collection) -> Content:
    retention = None if within.retention is None else within.retention.total_seconds()
    return asdict(subject) | {
        "collection_id": within.id,
        "collection_keeps_crops": within.keep_crops,
        "collection_retention_seconds": retention,
    }


def _all_faces(conn: GalleryConnection, subject: Subject) -> Iterable[Face]:
    cursor = None
    while True:
        page = faces.page(conn, subject.collection, subject.external_id, cursor=cursor, limit=_PAGE)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def _audited(record: AuditRecord, subject_id: UUID) -> Content:
    """Without the others who were found beside the subject."""
    return {
        "sequence": record.sequence,
        "at": record.at,
        **asdict(record.entry),
        "subject_ids": [subject_id],
    }
