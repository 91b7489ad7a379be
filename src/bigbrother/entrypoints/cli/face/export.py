"""`bigbrother face export`: everything that is held on a person, in one archive."""

from pathlib import Path
from typing import Annotated

import typer

from bigbrother.entrypoints.cli.connection import TokenFileOption, UrlOption, connected
from bigbrother.entrypoints.cli.exits import explains_errors
from bigbrother.entrypoints.cli.face.arguments import (
    CollectionArgument,
    ExternalIdArgument,
    PurposeOption,
)
from bigbrother.entrypoints.cli.output import plain, shown_path
from bigbrother.entrypoints.cli.suggestions import suggesting


@explains_errors
def export(
    collection: CollectionArgument,
    external_id: ExternalIdArgument,
    *,
    file: Annotated[
        Path | None,
        typer.Option(
            "--save",
            metavar="FILE",
            help="Where the zip is written; EXTERNAL_ID.zip in this folder without it.",
            show_default=False,
        ),
    ] = None,
    purpose: PurposeOption = "",
    url: UrlOption = None,
    token_file: TokenFileOption = None,
) -> None:
    """Writes everything that is held on a person to a zip that the person can read.

    Faces, crops, embeddings, consent, results of batches, and who used the faces when. Needs the
    administrator's role.
    """
    path = file or Path(f"{external_id}.zip")
    with (
        connected(url, token_file) as client,
        suggesting(client, collection, external_id),
    ):
        client.subjects.export_to(path, collection, external_id, purpose=purpose)
    typer.echo(plain(f"Everything held on '{external_id}' lies in {shown_path(path)}."))
