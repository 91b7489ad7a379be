"""Destroying what the gallery holds, by identifier; and how far a ledger was carried out.

Whoever erases goes through face/batch/erasure.py, which writes the ledger first and reaches the
batches too.
"""

import time
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bigbrother.face.gallery.statements import GalleryConnection, load, row, rows

_SQL = load("erasure")
_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Destroyed:
    """What an erasure found and destroyed."""

    subject_ids: tuple[UUID, ...]
    faces: int


def one_at_a_time(conn: GalleryConnection) -> None:
    """Waits for other erasures; they wait for this one until the transaction ends."""
    conn.execute(_SQL["one_at_a_time"])


def keep_waiting(conn: GalleryConnection) -> None:
    """No erasure happens until the caller's transaction ends; one under way is waited for."""
    # Asked again and again instead of queueing: an erasure of the collection waits for the caller,
    # who holds its row, and two that wait for each other would both be lost.
    while not (row(conn, _SQL["keep_waiting"], {}) or {})["held"]:
        time.sleep(_POLL_SECONDS)


def position(conn: GalleryConnection, ledger_id: UUID) -> int:
    """Up to which line this copy of the database has carried the ledger out."""
    found = row(conn, _SQL["position"], {"ledger_id": ledger_id})
    return 0 if found is None else int(found["sequence"])


def advance(conn: GalleryConnection, ledger_id: UUID, sequence: int) -> None:
    """Says that every line up to this one is carried out when the transaction commits."""
    conn.execute(_SQL["advance"], {"ledger_id": ledger_id, "sequence": sequence})


def images_of_subject(conn: GalleryConnection, subject_id: UUID) -> tuple[bytes, ...]:
    """Digests of the images from which a subject was enrolled."""
    return _images(conn, "images_of_subject", {"subject_id": subject_id})


def images_of_collection(conn: GalleryConnection, collection_id: UUID) -> tuple[bytes, ...]:
    """Digests of the images from which anybody of a collection was enrolled."""
    return _images(conn, "images_of_collection", {"collection_id": collection_id})


def destroy_subject(conn: GalleryConnection, subject_id: UUID) -> Destroyed:
    """Destroys a subject with key, faces, crops, embeddings and remembered answers."""
    given = {"subject_id": subject_id}
    if row(conn, _SQL["hold_subject"], given) is None:
        return Destroyed((), 0)
    faces = conn.execute(_SQL["destroy_faces"], given).rowcount
    conn.execute(_SQL["destroy_subject"], given)
    return Destroyed((subject_id,), faces)


def destroy_face(conn: GalleryConnection, subject_id: UUID, face_id: UUID) -> Destroyed:
    """Destroys one face with crop, embeddings and remembered answers."""
    faces = conn.execute(_SQL["destroy_face"], {"face_id": face_id}).rowcount
    return Destroyed((subject_id,) if faces else (), faces)


def hold_batches(conn: GalleryConnection, collection_id: UUID) -> None:
    """Waits for the workers at a collection's batches; they end with the collection."""
    conn.execute(_SQL["hold_batches"], {"collection_id": collection_id})


def destroy_collection(conn: GalleryConnection, collection_id: UUID) -> Destroyed:
    """Destroys a collection with its subjects and everything of theirs, and its batches."""
    given = {"collection_id": collection_id}
    held = rows(conn, _SQL["subjects_of_collection"], given)
    counted = row(conn, _SQL["faces_of_collection"], given) or {}
    conn.execute(_SQL["destroy_collection"], given)
    return Destroyed(tuple(one["id"] for one in held), int(counted["faces"]))


def withdraw(
    conn: GalleryConnection, subject_id: UUID, withdrawn_at: datetime, now: datetime
) -> Destroyed:
    """Ends a subject's consent if it still holds; nothing is destroyed."""
    given = {"subject_id": subject_id, "withdrawn_at": withdrawn_at, "now": now}
    changed = conn.execute(_SQL["withdraw"], given).rowcount
    return Destroyed((subject_id,) if changed else (), 0)


def _images(conn: GalleryConnection, statement: str, given: dict[str, UUID]) -> tuple[bytes, ...]:
    return tuple(bytes(one["image_sha256"]) for one in rows(conn, _SQL[statement], given))
