"""Whose turn it is: clients share the workers evenly, in images, however much each has asked for.

Start-time fair queueing. Every chunk has a virtual start: where its client stood when it was
queued. Chunks go in that order; a client that was away begins where the others are now, so that
it neither waits behind a long queue nor is paid for its absence. Source: Goyal, Vin and Cheng,
"Start-time fair queuing", 1996.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from uuid import UUID

from bigbrother.face.batch import queue
from bigbrother.face.batch.records import Priority
from bigbrother.face.gallery.statements import GalleryConnection, load, row

RESCUE_PRIORITY = 2**31 - 1
"""Of chunks whose worker died: before all others."""

_LEAST_PRIORITY = -(2**31)
_SPAN = 2**30
"""Virtual starts that a class tells apart: images in a row without the queue once being empty."""
_CLASSES: tuple[Priority, ...] = ("low", "normal", "high")
_SQL = load("fairness", "bigbrother.face.batch")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some images of a batch that a worker takes at once."""

    number: int
    items: int


def virtual_starts(items: Sequence[int], *, virtual_time: int, virtual_end: int) -> list[int]:
    """Where chunks of so many items stand in the fair order, and then where their client ends.

    `virtual_end` is where the client's earlier chunks end, `virtual_time` where the queue is.
    """
    starts = [max(virtual_time, virtual_end)]
    for size in items:
        starts.append(starts[-1] + size)
    return starts


def queue_priority(priority: Priority, virtual_start: int) -> int:
    """The queue's figure (32 bits, higher first): by class, then by virtual start.

    Past the span of a class chunks go in the order in which they came.
    """
    highest = _LEAST_PRIORITY + (_CLASSES.index(priority) + 1) * _SPAN - 1
    return highest - min(virtual_start, _SPAN - 1)


def enqueue(
    conn: GalleryConnection,
    batch_id: UUID,
    token_id: UUID,
    priority: Priority,
    chunks: Sequence[Chunk],
) -> None:
    """Gives chunks their place in the fair order, and queues them.

    Takes the order until the transaction ends: call it last.
    """
    if not chunks:
        return
    conn.execute(_SQL["one_at_a_time"])
    starts = _next_starts(conn, token_id, [chunk.items for chunk in chunks])
    jobs = queue.defer_chunks(
        conn,
        batch_id,
        [
            (chunk.number, queue_priority(priority, start))
            for chunk, (start, _) in zip(chunks, pairwise(starts), strict=True)
        ],
    )
    with (
        conn.cursor() as cursor,
        cursor.copy(
            "COPY batch_chunk (batch_id, chunk, token_id, virtual_start, job_id)"
            " FROM STDIN (FORMAT BINARY)"
        ) as copy,
    ):
        copy.set_types(["uuid", "int4", "uuid", "int8", "int8"])
        for chunk, (start, _), job in zip(chunks, pairwise(starts), jobs, strict=True):
            copy.write_row((batch_id, chunk.number, token_id, start, job))
    conn.execute(_SQL["store_share"], {"token_id": token_id, "virtual_end": starts[-1]})


def _next_starts(conn: GalleryConnection, token_id: UUID, items: Sequence[int]) -> list[int]:
    queued = row(conn, _SQL["virtual_time"], {})
    if queued is None or queued["virtual_time"] is None:
        # Nobody waits: who has had how much is forgotten, and the figures stay small.
        conn.execute(_SQL["forget_shares"])
        return virtual_starts(items, virtual_time=0, virtual_end=0)
    share = row(conn, _SQL["share"], {"token_id": token_id})
    return virtual_starts(
        items,
        virtual_time=queued["virtual_time"],
        virtual_end=0 if share is None else share["virtual_end"],
    )
