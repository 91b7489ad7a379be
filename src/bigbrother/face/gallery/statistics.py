"""How much the gallery holds."""

from bigbrother.face.gallery import model_versions
from bigbrother.face.gallery.records import GalleryCounts
from bigbrother.face.gallery.statements import GalleryConnection, load, row

_SQL = load("statistics")


def counts(conn: GalleryConnection) -> GalleryCounts:
    """Counted, not estimated: some milliseconds for every hundred thousand faces."""
    found = row(conn, _SQL["counts"], {}) or {}
    embeddings = 0
    for model in model_versions.registered(conn):
        held = row(conn, model_versions.compose(_SQL["embeddings"], model), {}) or {}
        embeddings += held["embeddings"]
    return GalleryCounts(**found, embeddings=embeddings)
