"""What people call the subjects that records know by identifier only."""

from collections.abc import Iterable
from uuid import UUID

from bigbrother.face.gallery.statements import GalleryConnection, load, rows

_SQL = load("names")


def of_subjects(conn: GalleryConnection, identifiers: Iterable[UUID]) -> dict[UUID, str]:
    """`collection/external-id` of each that still exists."""
    asked = {"ids": list(identifiers)}
    return {one["id"]: one["name"] for one in rows(conn, _SQL["of_subjects"], asked)}
