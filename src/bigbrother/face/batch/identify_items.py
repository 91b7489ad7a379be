"""Batches that identify: who of a collection is in each image."""

from bigbrother.face.batch.audit_entries import entry_of
from bigbrother.face.batch.chunks import Chunk, Ended, Finding, Item
from bigbrother.face.batch.endings import Ending
from bigbrother.face.batch.outcomes import identification_answer, success
from bigbrother.face.batch.records import BatchOptions
from bigbrother.face.batch.services import WorkerServices
from bigbrother.face.engine.types import AnalyzedFace, AnalyzeOptions, ImageAnalysis
from bigbrother.face.gallery import search
from bigbrother.face.gallery.records import Match
from bigbrother.face.gallery.statements import GalleryConnection
from bigbrother.telemetry.audit.results import identified


def engine_options(options: BatchOptions) -> AnalyzeOptions:
    """What the engine computes for it."""
    return AnalyzeOptions(embeddings=True, max_faces=options.max_faces)


def finding(
    services: WorkerServices, chunk: Chunk, collection: str, item: Item, found: ImageAnalysis
) -> Finding:
    """How the item ends. Searches at once, so that no lock is held meanwhile.

    Raises CollectionNotFound, and what the database raises.
    """
    now = services.clock.now()
    matching = services.runbook.matching
    rate = matching.identification_false_positive_rate.value
    with services.pool.connection() as conn:
        model = services.model(conn)
        competing = services.competition.faces(conn, collection, model, now)
        threshold = services.manifest.identification_threshold(competing, rate)
        faces = [
            (face, _matches(services, conn, chunk, collection, face, threshold))
            for face in found.faces
        ]
    answer = identification_answer(
        threshold=threshold,
        false_positive_rate=rate,
        searched_faces=competing,
        manifest=services.manifest,
        faces=faces,
    )
    subjects = tuple(dict.fromkeys(match.subject_id for _, found in faces for match in found))
    result = chunk.seal.result(item.number, success(answer))
    matches = sum(len(found) for _, found in faces)
    ended = Ended(
        Ending(item.number, "succeeded", result, subjects=subjects),
        entry_of(chunk.batch, "identify", subjects, identified(len(faces), matches)),
    )
    return Finding(item.number, lambda _conn, _now: ended)


def _matches(  # one argument a line of the question
    services: WorkerServices,
    conn: GalleryConnection,
    chunk: Chunk,
    collection: str,
    face: AnalyzedFace,
    threshold: float,
) -> tuple[Match, ...]:
    if face.embedding is None:
        return ()
    matching = services.runbook.matching
    return search.identify(
        conn,
        collection,
        face.embedding,
        model=services.model(conn),
        threshold=threshold,
        limit=chunk.batch.options.limit or services.runbook.limits.matches,
        exact_search_below=matching.exact_search_below,
        index_search_width=matching.index_search_width,
        now=services.clock.now(),
    )
