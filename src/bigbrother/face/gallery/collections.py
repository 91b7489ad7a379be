"""Collections: named sets of subjects, each searched as one."""

from datetime import UTC, datetime, timedelta

from bigbrother.face.gallery import given, paging
from bigbrother.face.gallery.errors import CollectionExists, CollectionNotFound
from bigbrother.face.gallery.records import Collection, Page
from bigbrother.face.gallery.statements import GalleryConnection, Row, load, row, rows
from bigbrother.kernel.ids import new_id

_SQL = load("collections")


def create(
    conn: GalleryConnection,
    name: str,
    *,
    description: str = "",
    keep_crops: bool = False,
    retention: timedelta | None = None,
    now: datetime,
) -> Collection:
    """Makes an empty collection.

    Raises CollectionExists, InvalidCollectionName, InvalidRetention, InvalidText.
    """
    made = row(
        conn,
        _SQL["create"],
        {
            "id": new_id(now),
            "name": given.collection_name(name),
            "description": given.text(description, "description"),
            "keep_crops": keep_crops,
            "retention": given.retention(retention, now),
            "now": now,
        },
    )
    if made is None:
        raise CollectionExists(
            f"A collection '{name}' exists already.", remedy="Use it, or choose another name."
        )
    return _collection(made)


def get(conn: GalleryConnection, name: str) -> Collection:
    """The collection of this name; raises CollectionNotFound."""
    return _collection(_existing(conn, "get", name))


def hold(conn: GalleryConnection, name: str) -> Collection:
    """As `get`; the collection cannot be deleted until the caller's transaction ends."""
    return _collection(_existing(conn, "hold", name))


def page(conn: GalleryConnection, *, cursor: str | None, limit: int) -> Page[Collection]:
    """Collections in the order in which they were made; raises InvalidCursor."""
    found = rows(
        conn, _SQL["page"], {"after": paging.after(cursor), "limit": paging.fetch_limit(limit)}
    )
    return paging.page([_collection(one) for one in found], limit)


def _existing(conn: GalleryConnection, statement: str, name: str) -> Row:
    found = row(conn, _SQL[statement], {"name": name}) if given.can_be_stored(name) else None
    if found is None:
        raise CollectionNotFound(
            f"There is no collection {name[:80]!r}.", remedy="List the collections, or create it."
        )
    return found


def _collection(found: Row) -> Collection:
    return Collection(
        id=found["id"],
        name=found["name"],
        description=found["description"],
        keep_crops=found["keep_crops"],
        retention=found["retention"],
        created_at=found["created_at"].astimezone(UTC),
    )
