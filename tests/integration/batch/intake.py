"""Batches as tests send them, without HTTP."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import psycopg

from bigbrother.face.batch import submission
from bigbrother.face.batch.records import (
    Batch,
    BatchOptions,
    Client,
    Kind,
    NewItem,
    Priority,
)
from bigbrother.face.batch.submission import Images, NewBatch
from bigbrother.runbook.load import load_runbook
from tests.integration.gallery.people import MASTER_KEY, NOW
from tests.integration.rights.batches import NO_LEDGER
from tests.unit.batch.archives import picture

Connection = psycopg.Connection[Any]
RUNBOOK = load_runbook()
PICTURE = picture()
CLIENT = Client(uuid4(), "a test", "request", "testing")
TABLES = ("batch", "batch_item", "batch_image", "batch_chunk", "batch_match")
JOBS = "queue.procrastinate_jobs"


def another_client() -> Client:
    """A client of its own."""
    return Client(uuid4(), "another", "request", "")


def some_items(count: int, **words: Any) -> list[NewItem]:  # noqa: ANN401 - fields of NewItem
    """Items with the same small picture."""
    return [NewItem(f"{number}.png", PICTURE, **words) for number in range(1, count + 1)]


def submit(
    conn: Connection,
    images: Images | Sequence[NewItem],
    *,
    kind: Kind = "analyze",
    collection: str | None = None,
    priority: Priority = "normal",
    chunk: int | None = None,
    client: Client = CLIENT,
    webhook_url: str | None = None,
    figures: Any = RUNBOOK.batch,  # noqa: ANN401 - the document's section
) -> Batch:
    """The batch, committed."""
    secret = None if webhook_url is None else b"secret"
    new = NewBatch(kind, collection, priority, chunk, BatchOptions(), client, webhook_url, secret)
    made = submission.submit(
        conn, new, images, figures=figures, ledger=NO_LEDGER, master_key=MASTER_KEY, now=NOW
    )
    conn.commit()
    return made


def count(conn: Connection, table: str) -> int:
    """Rows of a table."""
    found = conn.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
    assert found is not None
    return int(found[0])


def queued(conn: Connection) -> list[tuple[UUID, int]]:
    """Batch and chunk of every job, in the order in which workers take them."""
    return [
        (UUID(batch), chunk)
        for batch, chunk in conn.execute(
            f"SELECT args->>'batch', (args->>'chunk')::int FROM {JOBS}"  # noqa: S608
            " WHERE status = 'todo' AND args ? 'chunk' ORDER BY priority DESC, id"
        )
    ]
