"""Batches that analyse: the faces of each image."""

from bigbrother.face.batch.chunks import Chunk, Ended, Finding, Item
from bigbrother.face.batch.endings import Ending
from bigbrother.face.batch.outcomes import analysis_answer, success
from bigbrother.face.batch.records import BatchOptions
from bigbrother.face.engine.types import AnalyzeOptions, ImageAnalysis


def engine_options(options: BatchOptions) -> AnalyzeOptions:
    """What the engine computes for it."""
    return AnalyzeOptions(
        embeddings=options.embeddings,
        max_faces=options.max_faces,
        min_size_pixels=options.min_size_pixels,
    )


def finding(chunk: Chunk, item: Item, found: ImageAnalysis) -> Finding:
    """How the item ends."""
    result = chunk.seal.result(item.number, success(analysis_answer(found)))
    ended = Ended(Ending(item.number, "succeeded", result))
    return Finding(item.number, lambda _conn, _now: ended)
