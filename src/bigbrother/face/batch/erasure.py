"""Erasing people: written into the ledger first, then carried out everywhere.

A live erasure and its repetition in a restored copy are the same: a line of the ledger that this
copy of the database has not carried out yet. So what works every day is what works after a
restore.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bigbrother.face.batch import queue
from bigbrother.face.batch.endings import erase_items
from bigbrother.face.gallery import collections, erasure, faces, subjects
from bigbrother.face.gallery.errors import LedgerDamaged
from bigbrother.face.gallery.ledger import Erasure, Ledger
from bigbrother.face.gallery.records import Subject
from bigbrother.face.gallery.statements import GalleryConnection, load, rows
from bigbrother.security.keys import MasterKey
from bigbrother.security.subject_mac import subject_mac

_SQL = load("erasure", "bigbrother.face.batch")


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """What one line of the ledger did to this copy of the database."""

    erasure: Erasure
    subject_ids: tuple[UUID, ...]
    """Whom it found; empty where nothing was left to do in the gallery."""
    faces: int


def erase_subject(
    conn: GalleryConnection,
    collection: str,
    external_id: str,
    *,
    ledger: Ledger,
    master_key: MasterKey,
    now: datetime,
) -> tuple[CarriedOut, ...]:
    """Destroys a subject with key, crops, embeddings, and what batches hold of it.

    Returns what was carried out: this erasure last, before it any that an earlier failure had
    left. Raises CollectionNotFound, SubjectNotFound, LedgerDamaged, LedgerUnwritable.
    """
    erasure.one_at_a_time(conn)
    within = collections.get(conn, collection)
    subject = subjects.get(conn, collection, external_id)
    ledger.add(
        "subject",
        at=now,
        collection_id=within.id,
        subject_id=subject.id,
        subject_mac=subject_mac(master_key.derive(b"subject"), within.id, external_id),
        image_sha256=erasure.images_of_subject(conn, subject.id),
    )
    return replay(conn, ledger=ledger, now=now)


def erase_face(
    conn: GalleryConnection,
    collection: str,
    external_id: str,
    face_id: UUID,
    *,
    ledger: Ledger,
    now: datetime,
) -> tuple[CarriedOut, ...]:
    """Destroys one face, and what batches hold of its image; returns as `erase_subject` does.

    Raises CollectionNotFound, SubjectNotFound, FaceNotFound, LedgerDamaged, LedgerUnwritable.
    """
    erasure.one_at_a_time(conn)
    within = collections.get(conn, collection)
    subject = subjects.get(conn, collection, external_id)
    face = faces.get(conn, collection, external_id, face_id)
    ledger.add(
        "face",
        at=now,
        collection_id=within.id,
        subject_id=subject.id,
        face_id=face_id,
        image_sha256=[bytes.fromhex(face.image_sha256)],
    )
    return replay(conn, ledger=ledger, now=now)


def erase_collection(
    conn: GalleryConnection, collection: str, *, ledger: Ledger, now: datetime
) -> tuple[CarriedOut, ...]:
    """Destroys a collection with everybody in it; returns as `erase_subject` does.

    Raises CollectionNotFound, LedgerDamaged, LedgerUnwritable.
    """
    erasure.one_at_a_time(conn)
    ledger.add("collection", at=now, collection_id=collections.get(conn, collection).id)
    return replay(conn, ledger=ledger, now=now)


def withdraw(
    conn: GalleryConnection,
    subject: Subject,
    withdrawn_at: datetime,
    *,
    ledger: Ledger,
    now: datetime,
) -> tuple[CarriedOut, ...]:
    """Ends a subject's consent so that no restored copy brings it back.

    The caller holds the lock of erasures, since it has called `replay`; returns as `erase_subject`
    does. Raises LedgerDamaged, LedgerUnwritable.
    """
    ledger.add(
        "withdrawal",
        at=now,
        collection_id=collections.get(conn, subject.collection).id,
        subject_id=subject.id,
        withdrawn_at=withdrawn_at,
    )
    return replay(conn, ledger=ledger, now=now)


def pending(conn: GalleryConnection, ledger: Ledger) -> int:
    """How many lines of the ledger this copy of the database has still to carry out.

    Raises LedgerDamaged when the ledger ends before what was carried out.
    """
    newest, done = ledger.newest(), erasure.position(conn, ledger.id())
    if done > newest:
        raise LedgerDamaged(
            f"The ledger of erasures ends at line {newest}; the database has carried out {done}.",
            remedy=f"{ledger.path} is an older copy or was cut off: put the newest one back.",
        )
    return newest - done


def replay(conn: GalleryConnection, *, ledger: Ledger, now: datetime) -> tuple[CarriedOut, ...]:
    """Carries out every line that this copy of the database has not, oldest first.

    Raises LedgerDamaged.
    """
    erasure.one_at_a_time(conn)
    waiting = pending(conn, ledger)
    if not waiting:
        return ()
    lines = ledger.erasures(after=ledger.newest() - waiting)
    done = tuple(_carry_out(conn, line, now) for line in lines)
    erasure.advance(conn, ledger.id(), lines[-1].sequence)
    return done


def _carry_out(conn: GalleryConnection, line: Erasure, now: datetime) -> CarriedOut:
    # Batches first and people after, as workers do: the other way round they could wait for each
    # other.
    images = line.image_sha256
    if line.kind == "collection":
        images = erasure.images_of_collection(conn, line.collection_id)
        erasure.hold_batches(conn, line.collection_id)
    elif line.kind == "subject" and line.subject_id is not None:
        # Of a copy from a time when it had other faces.
        images = tuple({*images, *erasure.images_of_subject(conn, line.subject_id)})
    if images or line.subject_mac is not None:
        finished = erase_items(
            conn, subject_mac=line.subject_mac, image_sha256=images, before=line.at, now=now
        )
        for one in rows(conn, _SQL["with_webhook"], {"batches": list(finished)}):
            queue.defer_webhook(conn, one["id"])
    destroyed = _destroy(conn, line, now)
    return CarriedOut(line, destroyed.subject_ids, destroyed.faces)


def _destroy(conn: GalleryConnection, line: Erasure, now: datetime) -> erasure.Destroyed:
    if line.kind == "collection":
        return erasure.destroy_collection(conn, line.collection_id)
    if line.subject_id is None:
        raise ValueError(f"Line {line.sequence} of the ledger names nobody.")
    if line.kind == "face" and line.face_id is not None:
        return erasure.destroy_face(conn, line.subject_id, line.face_id)
    if line.kind == "withdrawal" and line.withdrawn_at is not None:
        return erasure.withdraw(conn, line.subject_id, line.withdrawn_at, now)
    return erasure.destroy_subject(conn, line.subject_id)
