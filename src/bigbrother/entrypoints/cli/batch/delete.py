"""`bigbrother batch delete`: destroys a batch with its images and results."""

from typing import Annotated

import typer

from bigbrother.entrypoints.cli.asking import confirm
from bigbrother.entrypoints.cli.batch.arguments import BatchArgument, found
from bigbrother.entrypoints.cli.connection import TokenFileOption, UrlOption, connected
from bigbrother.entrypoints.cli.exits import explains_errors
from bigbrother.entrypoints.cli.output import Format, OutputOption, print_json


@explains_errors
def delete(
    batch_id: BatchArgument,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    output: OutputOption = Format.TABLE,
    url: UrlOption = None,
    token_file: TokenFileOption = None,
) -> None:
    """Destroys a batch with its images and results; a running one is cancelled first.

    What it has enrolled stays enrolled.
    """
    with connected(url, token_file) as client:
        batch = found(client, batch_id)
        what = f"batch {batch.id} ({batch.kind}, {batch.done} of {batch.items} images done)"
        if not yes:
            confirm(
                f"Destroy {what} with its results? It cannot be undone.",
                otherwise="Nothing was destroyed.",
            )
        client.batches.delete(batch.id)
    if output is Format.JSON:
        print_json({"destroyed": batch})
    else:
        typer.echo(f"Destroyed {what}.")
