"""Batches for the tests of people's rights."""

import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

from bigbrother.face.batch import submission
from bigbrother.face.batch.records import Batch, BatchOptions, Client, Kind
from bigbrother.face.gallery.ledger import Ledger
from bigbrother.face.gallery.statements import GalleryConnection
from bigbrother.runbook.load import load_runbook
from tests.integration.gallery.people import MASTER_KEY, NOW

# Nobody was erased.
NO_LEDGER = Ledger(Path("nowhere"), bytes(32))
CLIENT = Client(uuid.UUID(int=7), "tests", "request-7", "a test")


def submit(
    conn: GalleryConnection,
    kind: Kind,
    items: submission.Images,
    *,
    collection: str | None = "staff",
    ledger: Ledger = NO_LEDGER,
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
        conn,
        new,
        items,
        figures=load_runbook().batch,
        ledger=ledger,
        master_key=MASTER_KEY,
        now=now,
    )


def item_states(conn: GalleryConnection, batch: Batch) -> list[str]:
    """Of every item, in the order in which they were sent."""
    found: list[tuple[Any, ...]] = conn.execute(
        "SELECT state FROM batch_item WHERE batch_id = %s ORDER BY number", (batch.id,)
    ).fetchall()
    return [state for (state,) in found]
