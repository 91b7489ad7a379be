"""Waiting for a batch's end, and what the end means for a command."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from bigbrother.entrypoints.cli.exits import ExitCode
from bigbrother.entrypoints.cli.output import say

if TYPE_CHECKING:
    from bigbrother.client.batch_answers import Batch
    from bigbrother.client.face_client import FaceClient


def wait(client: "FaceClient", batch: "Batch") -> "Batch":
    """The batch once it is over, with a live bar meanwhile."""
    from bigbrother.entrypoints.cli.live import image_bar  # noqa: PLC0415

    with image_bar("Working") as show:
        return client.batches.wait(
            batch.id, progress=lambda now: show(now.done, now.pending if now.running else 0)
        )


@contextmanager
def left_alone(batch_id: str) -> Iterator[None]:
    """Whoever stops waiting hears that the batch does not stop."""
    try:
        yield
    except KeyboardInterrupt:
        say(
            f"The batch goes on. Watch it with 'bigbrother batch status {batch_id} --watch', "
            f"end it with 'bigbrother batch cancel {batch_id}'."
        )
        raise


def finish(batch: "Batch") -> None:
    """Ends the command as failed unless every image of the batch has succeeded or is erased."""
    if batch.failed or batch.cancelled:
        say(
            f"Of {batch.items} images {batch.failed} failed and {batch.cancelled} were cancelled. "
            f"See why: 'bigbrother batch results {batch.id} --failed'."
        )
        raise typer.Exit(ExitCode.FAILED)
