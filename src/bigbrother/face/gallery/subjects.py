"""Subjects: the people of a collection, each with consent and a key of its own."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from bigbrother.face.gallery import collections, given, paging
from bigbrother.face.gallery.errors import (
    ConsentNotInForce,
    SubjectExists,
    SubjectKeyMissing,
    SubjectNotFound,
)
from bigbrother.face.gallery.records import Collection, Consent, Page, Subject
from bigbrother.face.gallery.statements import GalleryConnection, Row, load, row, rows
from bigbrother.kernel.ids import new_id
from bigbrother.security.keys import MasterKey, new_key

_SQL = load("subjects")


def create(
    conn: GalleryConnection,
    collection: str,
    external_id: str,
    *,
    name: str,
    metadata: dict[str, Any],
    consent: Consent,
    master_key: MasterKey,
    now: datetime,
) -> Subject:
    """Makes a subject without faces, and its key.

    Raises CollectionNotFound, SubjectExists, InvalidExternalId, InvalidText, InvalidMetadata,
    InvalidConsent.
    """
    identifier = new_id(now)
    values = {
        "id": identifier,
        "external_id": given.external_id(external_id),
        **_values(name, metadata, consent),
        "now": now,
    }
    within = collections.hold(conn, collection)
    made = row(conn, _SQL["create"], {**values, "collection_id": within.id})
    if made is None:
        raise SubjectExists(
            f"'{collection}' has a subject '{external_id}' already.",
            remedy="Enrol further faces of it, or update it.",
        )
    wrapped = master_key.wrap(new_key(), _key_context(identifier))
    conn.execute(_SQL["store_key"], {"subject_id": identifier, "wrapped_key": wrapped})
    return _subject(made, within)


def get(
    conn: GalleryConnection, collection: str, external_id: str, *, lock: bool = False
) -> Subject:
    """The subject; raises CollectionNotFound, SubjectNotFound.

    With `lock` no other transaction changes it before the caller's ends, so that what is read
    here can be changed and stored by `update` without losing somebody else's change.
    """
    within = collections.get(conn, collection)
    found = _existing(conn, "get_locked" if lock else "get", within, external_id)
    return _subject(found, within)


def hold(conn: GalleryConnection, within: Collection, external_id: str, *, now: datetime) -> UUID:
    """The subject's id; it cannot be deleted until the caller's transaction ends.

    Raises ConsentNotInForce, so that nothing is added to a subject who no longer agrees.
    """
    found = _existing(conn, "hold", within, external_id)
    expires_at = found["consent_expires_at"]
    if found["consent_withdrawn_at"] is not None or (expires_at is not None and expires_at <= now):
        ended = "was withdrawn" if found["consent_withdrawn_at"] is not None else "has expired"
        raise ConsentNotInForce(
            f"The consent of '{external_id}' {ended}.",
            remedy="Record a new consent for the subject first.",
        )
    identifier: UUID = found["id"]
    return identifier


def page(
    conn: GalleryConnection, collection: str, *, cursor: str | None, limit: int
) -> Page[Subject]:
    """Subjects in the order in which they were made; raises CollectionNotFound, InvalidCursor."""
    begin, fetch = paging.after(cursor), paging.fetch_limit(limit)
    within = collections.get(conn, collection)
    found = rows(conn, _SQL["page"], {"collection_id": within.id, "after": begin, "limit": fetch})
    return paging.page([_subject(one, within) for one in found], limit)


def update(
    conn: GalleryConnection,
    collection: str,
    external_id: str,
    *,
    name: str | None = None,
    metadata: dict[str, Any] | None = None,
    consent: Consent | None = None,
    now: datetime,
) -> Subject:
    """Replaces what is given and leaves the rest; raises as `create` does, and SubjectNotFound."""
    old = get(conn, collection, external_id, lock=True)
    values = _values(
        old.name if name is None else name,
        old.metadata if metadata is None else metadata,
        old.consent if consent is None else consent,
    )
    changed = row(conn, _SQL["update"], {**values, "id": old.id, "now": now})
    assert changed is not None  # noqa: S101 - the row is locked
    return _subject(changed, collections.get(conn, collection))


def key(conn: GalleryConnection, subject: UUID, master_key: MasterKey) -> bytes:
    """The subject's own key, unwrapped; raises SubjectKeyMissing, SealBroken."""
    found = row(conn, _SQL["key"], {"subject_id": subject})
    if found is None:
        raise SubjectKeyMissing(
            f"Subject {subject} has no key.", remedy="Restore the table subject_key."
        )
    return master_key.unwrap(found["wrapped_key"], _key_context(subject))


def _key_context(subject: UUID) -> bytes:
    return b"subject-key:" + subject.bytes


def _existing(conn: GalleryConnection, statement: str, within: Collection, external_id: str) -> Row:
    found = None
    if given.can_be_stored(external_id):
        found = row(conn, _SQL[statement], {"collection_id": within.id, "external_id": external_id})
    if found is None:
        raise SubjectNotFound(
            f"'{within.name}' has no subject {external_id[:200]!r}.",
            remedy="List the collection's subjects, or create it.",
        )
    return found


def _values(name: str, metadata: dict[str, Any], consent: Consent) -> Row:
    checked = given.consent(consent)
    return {
        "name": given.text(name, "name"),
        "metadata": given.metadata(metadata),
        "legal_basis": checked.legal_basis,
        "purpose": checked.purpose,
        "reference": checked.reference,
        "expires_at": checked.expires_at,
        "withdrawn_at": checked.withdrawn_at,
    }


def _subject(found: Row, within: Collection) -> Subject:
    return Subject(
        id=found["id"],
        collection=within.name,
        external_id=found["external_id"],
        name=found["name"],
        metadata=found["metadata"],
        consent=Consent(
            legal_basis=found["consent_legal_basis"],
            purpose=found["consent_purpose"],
            reference=found["consent_reference"],
            expires_at=_utc(found["consent_expires_at"]),
            withdrawn_at=_utc(found["consent_withdrawn_at"]),
        ),
        faces=found["faces"],
        created_at=found["created_at"].astimezone(UTC),
        updated_at=found["updated_at"].astimezone(UTC),
    )


def _utc(time: datetime | None) -> datetime | None:
    return None if time is None else time.astimezone(UTC)
