"""What a worker reads and writes of a chunk: its items, their images, and how they ended."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bigbrother.face.batch import batches, queue
from bigbrother.face.batch.endings import Ending, end_items, hold_pending
from bigbrother.face.batch.errors import BatchNotFound
from bigbrother.face.batch.records import Batch
from bigbrother.face.batch.sealing import BatchSeal, seal_of
from bigbrother.face.batch.services import WorkerServices
from bigbrother.face.gallery.statements import GalleryConnection, load, row, rows
from bigbrother.telemetry.audit import chain
from bigbrother.telemetry.audit.records import AuditEntry

_SQL = load("chunks", "bigbrother.face.batch")


@dataclass(frozen=True, slots=True)
class Item:
    """One image that is to be worked on."""

    number: int
    sealed_request: bytes
    image_bytes: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """The items of one job that are still to be done."""

    batch: Batch
    number: int
    items: tuple[Item, ...]
    seal: BatchSeal
    suspect: bool
    """Whoever had it before did not finish it: one of its images may kill."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How an item ends, and what the audit keeps of it."""

    ending: Ending
    audit: AuditEntry | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What analysing an item led to; its effects happen in the transaction that ends it."""

    number: int
    end: Callable[[GalleryConnection, datetime], Ended]
    whom: str = ""
    """Order of effects: who changes subjects in one order never waits in a circle."""


def take(services: WorkerServices, batch_id: UUID, chunk: int) -> Chunk | None:
    """The chunk; None when nothing of it is left to do."""
    given = {"batch_id": batch_id, "chunk": chunk}
    with services.pool.connection() as conn:
        conn.execute(_SQL["begin"], {**given, "now": services.clock.now()})
        taken = row(conn, _SQL["take"], given)
        if taken is None:
            return None
        try:
            batch = batches.get(conn, batch_id)
            seal = seal_of(conn, batch_id, services.master_key)
        except BatchNotFound:
            return None
        items = tuple(
            Item(one["number"], one["sealed_request"], one["image_bytes"])
            for one in rows(conn, _SQL["items"], given)
        )
    return Chunk(batch, chunk, items, seal, suspect=taken["attempts"] > 1)


def portions(
    items: Sequence[Item], *, most_items: int, most_bytes: float
) -> Iterator[tuple[Item, ...]]:
    """The items in portions whose images memory holds at once; one image fits always."""
    portion: list[Item] = []
    for item in items:
        size_bytes = sum(one.image_bytes for one in portion) + item.image_bytes
        if portion and (len(portion) == most_items or size_bytes > most_bytes):
            yield tuple(portion)
            portion = []
        portion.append(item)
    if portion:
        yield tuple(portion)


def sealed_images(
    services: WorkerServices, chunk: Chunk, items: Sequence[Item]
) -> dict[int, bytes]:
    """The images, still sealed, by their items' numbers; without those that were destroyed."""
    given = {"batch_id": chunk.batch.id, "numbers": [item.number for item in items]}
    with services.queue_pool.connection() as conn:
        # Binary: as text an image would be twice as long, on the line and in both memories.
        found = conn.cursor(binary=True).execute(_SQL["images"], given)
        return {number: sealed_image for number, sealed_image in found}  # noqa: C416 - rows


def is_wanted(services: WorkerServices, chunk: Chunk) -> bool:
    """Whether the batch is still there and was not cancelled."""
    with services.queue_pool.connection() as conn:
        return row(conn, _SQL["is_wanted"], {"batch_id": chunk.batch.id}) is not None


def suspect(services: WorkerServices, chunk: Chunk, item: Item) -> int | None:
    """Notes a death of whoever looks at this item, before it looks; how many there are then."""
    given = {"batch_id": chunk.batch.id, "number": item.number}
    with services.pool.connection() as conn:
        found = row(conn, _SQL["suspect"], given)
    return None if found is None else int(found["deaths"])


def end(services: WorkerServices, chunk: Chunk, findings: Sequence[Finding]) -> None:
    """Ends the items with all their effects, in one transaction; each once, whoever was first."""
    batch_id = chunk.batch.id
    findings = sorted(findings, key=lambda finding: (finding.whom, finding.number))
    numbers = [finding.number for finding in findings]
    with services.pool.connection() as conn:
        held = set(hold_pending(conn, batch_id, numbers))
        now = services.clock.now()
        ended = [finding.end(conn, now) for finding in findings if finding.number in held]
        finished = end_items(conn, batch_id, [one.ending for one in ended], now=now)
        if chunk.suspect:
            conn.execute(_SQL["acquit"], {"batch_id": batch_id, "numbers": numbers})
        conn.execute(_SQL["drop"], {"batch_id": batch_id, "chunk": chunk.number})
        if finished and chunk.batch.webhook_url is not None:
            queue.defer_webhook(conn, batch_id)
        audits = [one.audit for one in ended if one.audit is not None]
        chain.append(conn, audits, key=services.audit_key, now=now)


def leave(services: WorkerServices, chunk: Chunk) -> None:
    """The chunk is given back in good order: nobody needs to be suspicious of it."""
    given = {"batch_id": chunk.batch.id, "chunk": chunk.number}
    with services.pool.connection() as conn:
        conn.execute(_SQL["leave"], given)
