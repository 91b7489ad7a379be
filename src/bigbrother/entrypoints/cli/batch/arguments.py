"""Which batch a command is about."""

import re
from typing import TYPE_CHECKING, Annotated

import typer

from bigbrother.client.errors import RequestRefused, ResourceMissing
from bigbrother.entrypoints.cli.completion import batch_ids
from bigbrother.runbook.load import load_runbook
from bigbrother.settings import load_settings

if TYPE_CHECKING:
    from bigbrother.client.batch_answers import Batch
    from bigbrother.client.face_client import FaceClient

_WHOLE_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SHOWN = 5

BatchArgument = Annotated[
    str,
    typer.Argument(
        metavar="ID",
        help="The batch's id, or its beginning where no other batch begins so.",
        autocompletion=batch_ids,
    ),
]


def found(client: "FaceClient", given: str) -> "Batch":
    """The batch of this id or beginning of one; raises ResourceMissing or RequestRefused."""
    beginning = given.strip().lower()
    if _WHOLE_ID.fullmatch(beginning):
        return client.batches.get(beginning)
    largest = load_runbook(load_settings().runbook_overlay).limits.largest_page_size
    meant = [
        batch for batch in client.batches.list(page_size=largest) if batch.id.startswith(beginning)
    ]
    if not meant or not beginning:
        raise ResourceMissing(
            f"No batch has an id that begins with '{given}'.",
            remedy="See them all: 'bigbrother batch status'.",
            code="batch-not-found",
        )
    if len(meant) > 1:
        some = ", ".join(batch.id for batch in meant[:_SHOWN])
        raise RequestRefused(
            f"{len(meant)} batches have an id that begins with '{given}': {some}"
            f"{' …' if len(meant) > _SHOWN else ''}.",
            remedy="Give more of it.",
            code="batch-ambiguous",
        )
    return meant[0]
