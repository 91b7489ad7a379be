"""The gallery's invariants, as the database's own function `verify_integrity()` finds them."""

from bigbrother.face.gallery.records import IntegrityFinding
from bigbrother.face.gallery.statements import GalleryConnection, load, rows

_SQL = load("integrity")


def verify(conn: GalleryConnection) -> tuple[IntegrityFinding, ...]:
    """Every broken invariant; empty when the gallery is sound. Reads the whole gallery."""
    return tuple(IntegrityFinding(**found) for found in rows(conn, _SQL["verify"], {}))
