"""Batches for the tests of people's rights."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bigbrother.face.batch import submission
from bigbrother.face.batch.records import Batch, BatchOptions, Client, Kind, NewItem
from bigbrother.face.gallery.statements import GalleryConnection
from bigbrother.runbook.load import load_runbook
from tests.integration.gallery.people import MASTER_KEY, NOW

CLIENT = Client(uuid.UUID(int=7), "tests", "request-7", "a test")


def submit(
    conn: GalleryConnection,
    kind: Kind,
    items: Sequence[NewItem],
    *,
    collection: str | None = "staff",
    now: datetime = NOW,
) -> Batch:
    """A batch that waits to be worked at."""
    new = submission.NewBatch(
        kind=kind,
        collection=collection,
        priority="normal",
        chunk=None,
        options=BatchOptions(),
        client=CLIENT,
    )
    return submission.submit(
        conn, new, items, figures=load_runbook().batch, master_key=MASTER_KEY, now=now
    )


def item_states(conn: GalleryConnection, batch: Batch) -> list[str]:
    """Of every item, in the order in which they were sent."""
    found: list[tuple[Any, ...]] = conn.execute(
        "SELECT state FROM batch_item WHERE batch_id = %s ORDER BY number", (batch.id,)
    ).fetchall()
    return [state for (state,) in found]
