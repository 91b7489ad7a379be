"""A worker's work on one chunk: each image analysed, and each item ended once.

The first attempt takes all images and ends them together. Whoever takes the chunk after somebody
who did not finish it is suspicious: image by image, alone in its process, with its death noted
down beforehand. So an image that kills is found out, and fails alone.
"""

from collections.abc import Callable, Iterator
from functools import partial

import structlog

from bigbrother.face.batch import analyze_items, chunks, enrol_items, identify_items
from bigbrother.face.batch.chunks import Chunk, Ended, Finding, Item
from bigbrother.face.batch.endings import Ending
from bigbrother.face.batch.errors import ImageAnalysisFailed, ImageKillsWorker
from bigbrother.face.batch.jobs import TakenJob
from bigbrother.face.batch.outcomes import failure
from bigbrother.face.batch.patience import DATABASE_AWAY
from bigbrother.face.batch.refusals import refusal_of
from bigbrother.face.batch.services import WorkerServices
from bigbrother.face.engine.types import AnalyzeOptions, ImageAnalysis
from bigbrother.kernel.errors import BigBrotherError, Conflict, InvalidInput, NotFound

_log = structlog.get_logger("bigbrother.worker")
Analyze = Callable[[bytes, AnalyzeOptions], ImageAnalysis]


def work_on_chunk(services: WorkerServices, job: TakenJob) -> bool:
    """Whether the chunk is finished; otherwise it is time to go, and it is to be given back.

    Raises what the database raises when it stays away for too long.
    """
    chunk = services.patience.steadily(lambda: chunks.take(services, job.batch_id, job.number))
    if chunk is None:
        return True
    if chunk.batch.kind != "analyze":
        # Asked before any image: without its model the worker is at fault, not the image.
        services.patience.steadily(lambda: _know_model(services))
    finished = _one_by_one(services, chunk) if chunk.suspect else _together(services, chunk)
    if not finished:
        services.patience.steadily(lambda: chunks.leave(services, chunk))
    return finished


def _together(services: WorkerServices, chunk: Chunk) -> bool:
    findings = [
        _find(services, chunk, item, sealed, services.cores.analyze)
        for item, sealed in _wanted(services, chunk)
    ]
    services.patience.steadily(lambda: chunks.end(services, chunk, findings))
    return not services.leaving.is_set() or len(findings) == len(chunk.items)


def _one_by_one(services: WorkerServices, chunk: Chunk) -> bool:
    for item, sealed in _wanted(services, chunk):
        with services.cores.alone() as analyzer:
            _suspiciously(services, chunk, item, sealed, analyzer.analyze)
    services.patience.steadily(lambda: chunks.end(services, chunk, []))
    return not services.leaving.is_set()


def _wanted(services: WorkerServices, chunk: Chunk) -> Iterator[tuple[Item, bytes]]:
    """The items with their sealed images, until it is time to go or nobody wants more."""
    every_seconds = services.runbook.batch.look_every.value
    looked = services.clock.monotonic_seconds()
    portions = chunks.portions(
        chunk.items,
        most_items=services.runbook.batch.chunk,
        most_bytes=services.runbook.limits.image_size.value,
    )
    for portion in portions:
        sealed = services.patience.steadily(partial(chunks.sealed_images, services, chunk, portion))
        for item in portion:
            if services.leaving.is_set():
                return
            if services.clock.monotonic_seconds() - looked >= every_seconds:
                looked = services.clock.monotonic_seconds()
                if not services.patience.steadily(lambda: chunks.is_wanted(services, chunk)):
                    return
            if item.number in sealed:
                yield item, sealed[item.number]


def _suspiciously(
    services: WorkerServices, chunk: Chunk, item: Item, sealed: bytes, analyze: Analyze
) -> None:
    deaths = services.patience.steadily(lambda: chunks.suspect(services, chunk, item))
    if deaths is None:
        return
    if deaths > services.runbook.batch.deaths:
        _log.error("an image kills workers", batch=str(chunk.batch.id), item=item.number)
        finding = _failed(
            chunk,
            item,
            ImageKillsWorker(
                f"{deaths - 1} workers died while they looked at this image.",
                remedy="Keep the image, and report it; the other images are not affected.",
            ),
            service_fault=True,
        )
    else:
        finding = _find(services, chunk, item, sealed, analyze)
    try:
        services.patience.steadily(lambda: chunks.end(services, chunk, [finding]))
    except DATABASE_AWAY:
        raise
    except Exception as error:  # noqa: BLE001 - a fault of ours fails this item alone
        # Nothing of it was stored. Trying it for ever would keep the others waiting.
        fault = _fault(chunk, item, error)
        services.patience.steadily(lambda: chunks.end(services, chunk, [fault]))


def _find(
    services: WorkerServices, chunk: Chunk, item: Item, sealed: bytes, analyze: Analyze
) -> Finding:
    """What becomes of the item."""
    try:
        image = chunk.seal.open_image(item.number, sealed)
        return services.patience.steadily(lambda: _analyze(services, chunk, item, image, analyze))
    except DATABASE_AWAY:
        raise
    except (InvalidInput, NotFound, Conflict) as error:
        return _refused(chunk, item, error)
    except Exception as error:  # noqa: BLE001 - a fault of ours fails this item alone
        return _fault(chunk, item, error)


def _analyze(
    services: WorkerServices, chunk: Chunk, item: Item, image: bytes, analyze: Analyze
) -> Finding:
    options, collection = chunk.batch.options, chunk.batch.collection
    if chunk.batch.kind == "analyze" or collection is None:
        found = analyze(image, analyze_items.engine_options(options))
        return analyze_items.finding(chunk, item, found)
    if chunk.batch.kind == "enrol":
        found = analyze(image, enrol_items.engine_options(options))
        return enrol_items.finding(services, chunk, collection, item, image, found)
    found = analyze(image, identify_items.engine_options(options))
    return identify_items.finding(services, chunk, collection, item, found)


def _refused(chunk: Chunk, item: Item, error: BigBrotherError) -> Finding:
    if chunk.batch.kind != "enrol":
        return _failed(chunk, item, error)
    ended = enrol_items.refusal(chunk, item, error)
    return Finding(item.number, lambda _conn, _now: ended)


def _failed(
    chunk: Chunk, item: Item, error: BigBrotherError, *, service_fault: bool = False
) -> Finding:
    result = chunk.seal.result(item.number, failure(refusal_of(error)))
    ended = Ended(Ending(item.number, "failed", result, service_fault=service_fault))
    return Finding(item.number, lambda _conn, _now: ended)


def _fault(chunk: Chunk, item: Item, error: Exception) -> Finding:
    batch_id = str(chunk.batch.id)
    _log.error("an image failed", batch=batch_id, item=item.number, exc_info=error)
    refusal = ImageAnalysisFailed(
        "Something went wrong inside the service while it looked at this image.",
        remedy=f"Look for batch {batch_id} in the log of bigbrother-worker, then try the failed "
        "items again.",
    )
    return _failed(chunk, item, refusal, service_fault=True)


def _know_model(services: WorkerServices) -> None:
    with services.pool.connection() as conn:
        services.model(conn)
