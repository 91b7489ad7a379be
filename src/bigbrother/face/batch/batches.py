"""Batches after they were taken in: found, listed, cancelled, tried again, destroyed."""

from datetime import UTC, datetime
from uuid import UUID

from bigbrother.face.batch import endings, fairness, queue
from bigbrother.face.batch.errors import BatchNotFound, BatchNothingToRetry
from bigbrother.face.batch.records import (
    Batch,
    BatchOptions,
    BatchState,
    Client,
    Counts,
)
from bigbrother.face.gallery import paging
from bigbrother.face.gallery.records import Page
from bigbrother.face.gallery.statements import GalleryConnection, Row, load, row, rows
from bigbrother.runbook import model as runbook_model

_SQL = load("batches", "bigbrother.face.batch")
_ENDED_AT_ONCE = 10_000
_PURGED_IMAGES_AT_ONCE = 10_000
_PURGED_BATCHES_AT_ONCE = 100


def get(conn: GalleryConnection, batch_id: UUID, *, token_id: UUID | None = None) -> Batch:
    """The batch; with `token_id` only if this client made it. Raises BatchNotFound."""
    return _batch(_existing(conn, "get", batch_id, token_id))


def page(
    conn: GalleryConnection,
    *,
    token_id: UUID | None,
    state: BatchState | None,
    cursor: str | None,
    limit: int,
) -> Page[Batch]:
    """Batches of a client, or of everybody, newest first; raises InvalidCursor."""
    before = None if cursor is None else paging.after(cursor)
    asked = {
        "token_id": token_id,
        "state": state,
        "before": before,
        "limit": paging.fetch_limit(limit),
    }
    return paging.page([_batch(one) for one in rows(conn, _SQL["page"], asked)], limit)


def cancel(
    conn: GalleryConnection, batch_id: UUID, *, token_id: UUID | None, now: datetime
) -> Batch:
    """Ends every item that is still to be done; a batch that has ended stays as it is.

    Raises BatchNotFound.
    """
    found = _existing(conn, "hold", batch_id, token_id)
    if found["state"] != "running":
        return get(conn, batch_id)
    conn.execute(_SQL["lift_time_limits"])
    _forget_jobs(conn, batch_id)
    numbers = [one["number"] for one in rows(conn, _SQL["pending"], {"batch_id": batch_id})]
    conn.execute(_SQL["cancel"], {"batch_id": batch_id, "now": now})
    for begin in range(0, len(numbers), _ENDED_AT_ONCE):
        cancelled = [
            endings.Ending(number, "cancelled")
            for number in numbers[begin : begin + _ENDED_AT_ONCE]
        ]
        endings.end_items(conn, batch_id, cancelled, now=now)
    if found["webhook_url"] is not None:
        queue.defer_webhook(conn, batch_id)
    return get(conn, batch_id)


def retry(
    conn: GalleryConnection,
    batch_id: UUID,
    *,
    token_id: UUID | None,
    figures: runbook_model.Batch,
) -> Batch:
    """Queues the failed items again whose images are still kept.

    Raises BatchNotFound, BatchNothingToRetry.
    """
    _existing(conn, "hold", batch_id, token_id)
    conn.execute(_SQL["lift_time_limits"])
    reopened = endings.reopen_failed(conn, batch_id, chunk_items=figures.chunk)
    if not reopened:
        raise BatchNothingToRetry(
            "No failed item has an image that is still kept.",
            remedy="Send the images in a new batch.",
        )
    batch = get(conn, batch_id)
    chunks = [fairness.Chunk(number, items) for number, items in reopened]
    fairness.enqueue(conn, batch_id, batch.client.token_id, batch.priority, chunks)
    return batch


def delete(conn: GalleryConnection, batch_id: UUID, *, token_id: UUID | None) -> None:
    """Destroys the batch with its images and results; whoever works on it finds it gone.

    Raises BatchNotFound.
    """
    _existing(conn, "hold", batch_id, token_id)
    conn.execute(_SQL["lift_time_limits"])
    _forget_jobs(conn, batch_id)
    conn.execute(_SQL["delete"], {"batches": [batch_id]})


def purge(conn: GalleryConnection, *, retention: runbook_model.Retention, now: datetime) -> int:
    """Destroys some of what has outlived its time; returns how many batches and images.

    Bounded: call it again until it returns 0.
    """
    conn.execute(_SQL["lift_time_limits"])
    ended_before = now - retention.batch_results.duration
    limit = {"before": ended_before, "limit": _PURGED_BATCHES_AT_ONCE}
    expired = [one["id"] for one in rows(conn, _SQL["expired"], limit)]
    if expired:
        conn.execute(_SQL["delete"], {"batches": expired})
    failed_before = now - retention.batch_failed_images.duration
    images = conn.execute(
        _SQL["purge_images"], {"before": failed_before, "limit": _PURGED_IMAGES_AT_ONCE}
    )
    return len(expired) + images.rowcount


def _forget_jobs(conn: GalleryConnection, batch_id: UUID) -> None:
    jobs = [one["job_id"] for one in rows(conn, _SQL["jobs"], {"batch_id": batch_id})]
    queue.forget_jobs(conn, jobs)


def _existing(
    conn: GalleryConnection, statement: str, batch_id: UUID, token_id: UUID | None
) -> Row:
    found = row(conn, _SQL[statement], {"batch_id": batch_id, "token_id": token_id})
    if found is None:
        raise BatchNotFound(f"There is no batch {batch_id}.", remedy="List the batches.")
    return found


def _batch(found: Row) -> Batch:
    return Batch(
        id=found["id"],
        kind=found["kind"],
        state=found["state"],
        priority=found["priority"],
        collection_id=found["collection_id"],
        collection=found["collection"],
        client=Client(
            found["token_id"], found["token_name"], found["request_id"], found["purpose"]
        ),
        options=BatchOptions.model_validate(found["options"]),
        counts=Counts(
            found["items"],
            found["succeeded"],
            found["failed"],
            found["cancelled"],
            found["erased"],
        ),
        last_position=found["last_position"],
        webhook_url=found["webhook_url"],
        webhook_state=found["webhook_state"],
        created_at=found["created_at"].astimezone(UTC),
        started_at=_utc(found["started_at"]),
        finished_at=_utc(found["finished_at"]),
    )


def _utc(time: datetime | None) -> datetime | None:
    return None if time is None else time.astimezone(UTC)
