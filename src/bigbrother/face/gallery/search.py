"""Identification: whom of a collection a probe resembles."""

from datetime import datetime

from bigbrother.face.engine.types import Embedding
from bigbrother.face.gallery import index_search, model_versions
from bigbrother.face.gallery.records import Match, ModelVersion
from bigbrother.face.gallery.scope import Scope, scope
from bigbrother.face.gallery.statements import GalleryConnection, load, row, rows
from bigbrother.face.gallery.vectors import vector_text

_SQL = load("search")


def competing_faces(
    conn: GalleryConnection, collection: str, *, model: ModelVersion, now: datetime
) -> int:
    """How many faces a search would compare the probe with; the threshold depends on it.

    Faces whose subject's consent has ended, or that have outlived the retention, do not count.
    Raises CollectionNotFound.
    """
    within = scope(conn, collection, model=model, now=now)
    return _count(conn, "competing_faces", within, at_most=0)


def identify(  # noqa: PLR0913 - the contract with the API
    conn: GalleryConnection,
    collection: str,
    embedding: Embedding,
    *,
    model: ModelVersion,
    threshold: float,
    limit: int,
    exact_search_below: int,
    index_search_width: int,
    now: datetime,
) -> tuple[Match, ...]:
    """The subjects most similar to the probe, each by its best example, most similar first.

    Only similarities of `threshold` or more, only subjects whose consent holds now, and only
    faces within the collection's retention; at most `limit` subjects. Collections of fewer than
    `exact_search_below` faces are compared one by one, larger ones through the index; where the
    index gives up, after as many faces, the comparison one by one answers.
    Raises CollectionNotFound, InvalidEmbedding.
    """
    probe = vector_text(embedding, model)
    within = scope(conn, collection, model=model, now=now)
    if _count(conn, "stored_faces", within, at_most=exact_search_below) >= exact_search_below:
        found = index_search.search(
            conn,
            within,
            probe,
            threshold=threshold,
            limit=limit,
            width=index_search_width,
            scan_at_most=exact_search_below,
        )
        if found is not None:
            return found
    return _exact(conn, within, probe, threshold=threshold, limit=limit)


def _exact(
    conn: GalleryConnection, within: Scope, probe: str, *, threshold: float, limit: int
) -> tuple[Match, ...]:
    found = rows(
        conn,
        model_versions.compose(_SQL["exact"], within.model),
        {
            "collection_id": within.collection_id,
            "probe": probe,
            "threshold": threshold,
            "limit": limit,
            **within.filters(),
        },
    )
    return tuple(Match(**one) for one in found)


def _count(conn: GalleryConnection, statement: str, within: Scope, *, at_most: int) -> int:
    found = row(
        conn,
        model_versions.compose(_SQL[statement], within.model),
        {"collection_id": within.collection_id, "at_most": at_most, **within.filters()},
    )
    return int(found["faces"]) if found else 0
