"""`bigbrother batch status`: how far batches are."""

from itertools import islice
from typing import Annotated

import typer

from bigbrother.entrypoints.cli.batch.arguments import found
from bigbrother.entrypoints.cli.batch.ending import finish, left_alone, wait
from bigbrother.entrypoints.cli.batch.shown import print_batch, print_batches
from bigbrother.entrypoints.cli.completion import batch_ids
from bigbrother.entrypoints.cli.connection import TokenFileOption, UrlOption, connected
from bigbrother.entrypoints.cli.exits import explains_errors
from bigbrother.entrypoints.cli.output import Format, OutputOption
from bigbrother.runbook.load import load_runbook
from bigbrother.settings import load_settings


@explains_errors
def status(
    batch_id: Annotated[
        str | None,
        typer.Argument(
            metavar="ID",
            help="The batch's id or the beginning of it; the newest batches without it.",
            autocompletion=batch_ids,
            show_default=False,
        ),
    ] = None,
    *,
    watch: Annotated[
        bool,
        typer.Option("--watch", "-w", help="Stay until it is over; exit code 1 if images failed."),
    ] = False,
    output: OutputOption = Format.TABLE,
    url: UrlOption = None,
    token_file: TokenFileOption = None,
) -> None:
    """Shows how far a batch is, or lists the newest batches."""
    if watch and batch_id is None:
        raise typer.BadParameter("--watch needs the ID of a batch.")
    with connected(url, token_file) as client:
        if batch_id is None:
            newest = islice(
                client.batches.list(),
                load_runbook(load_settings().runbook_overlay).limits.page_size,
            )
            print_batches(list(newest), output)
            return
        batch = found(client, batch_id)
        if watch:
            with left_alone(batch.id):
                batch = wait(client, batch)
    print_batch(batch, output)
    if watch:
        finish(batch)
