"""Search through the HNSW index without losing anybody to a filter.

The index knows nothing of collections, consent and retention. It is read nearest first, all
collections together, and each face's right to be found is looked up as it comes, until the faces
fall below the threshold or enough subjects are found. Strangers so cost one round however small
their collection is.
"""

from uuid import UUID

from psycopg.rows import dict_row

from bigbrother.face.gallery import model_versions
from bigbrother.face.gallery.records import Match
from bigbrother.face.gallery.scope import Scope
from bigbrother.face.gallery.statements import GalleryConnection, Row, load, rows

_SQL = load("search")


def search(
    conn: GalleryConnection,
    scope: Scope,
    probe: str,
    *,
    threshold: float,
    limit: int,
    width: int,
    scan_at_most: int,
) -> tuple[Match, ...] | None:
    """The best example of each of the most similar subjects, or None if the index ran dry.

    `width` candidates are kept and fetched a round. The index runs dry when it has no more to
    give, or has given `scan_at_most` faces, before the answer was complete.
    """
    best: dict[UUID, Match] = {}
    # Rolled back so that the planner's settings end with the search.
    with conn.transaction(force_rollback=True):
        conn.execute(_SQL["index_settings"], {"width": width})
        with conn.cursor(name="nearest", row_factory=dict_row) as cursor:
            cursor.execute(
                model_versions.compose(_SQL["nearest"], scope.model),
                {"collection_id": scope.collection_id, "probe": probe},
            )
            read = 0
            while read < scan_at_most:
                found = cursor.fetchmany(width)
                read += len(found)
                _keep_best(conn, scope, best, [one for one in found if _counts(one, threshold)])
                ordered = sorted(
                    best.values(), key=lambda match: (-match.similarity, match.face_id)
                )
                if _is_complete(ordered, found, threshold=threshold, limit=limit):
                    return tuple(ordered[:limit])
                if len(found) < width:
                    break
    return None


def _is_complete(ordered: list[Match], found: list[Row], *, threshold: float, limit: int) -> bool:
    """Whether nothing that the index has still to give belongs to the answer."""
    if not found:
        return False
    if found[-1]["similarity"] < threshold:
        return True
    # Order holds within a round only: a later round may bring nearer faces than an earlier one,
    # so that enough subjects are enough when a whole round could not better them.
    nearest = max(one["similarity"] for one in found)
    return len(ordered) >= limit and nearest < ordered[limit - 1].similarity


def _counts(found: Row, threshold: float) -> bool:
    return bool(found["here"] and found["similarity"] >= threshold)


def _keep_best(
    conn: GalleryConnection, scope: Scope, best: dict[UUID, Match], found: list[Row]
) -> None:
    if not found:
        return
    similarities: dict[UUID, float] = {one["face_id"]: one["similarity"] for one in found}
    eligible = rows(conn, _SQL["eligible"], {"faces": list(similarities), **scope.filters()})
    for one in eligible:
        similarity = similarities[one["face_id"]]
        known = best.get(one["subject_id"])
        if known is None or similarity > known.similarity:
            best[one["subject_id"]] = Match(
                subject_id=one["subject_id"],
                external_id=one["external_id"],
                name=one["name"],
                metadata=one["metadata"],
                face_id=one["face_id"],
                similarity=similarity,
            )
