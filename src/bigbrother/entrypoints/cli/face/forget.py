"""`bigbrother face forget`: erases a person from a collection."""

from typing import Annotated

import typer

from bigbrother.entrypoints.cli.asking import confirm
from bigbrother.entrypoints.cli.connection import TokenFileOption, UrlOption, connected
from bigbrother.entrypoints.cli.exits import explains_errors
from bigbrother.entrypoints.cli.face.arguments import (
    CollectionArgument,
    ExternalIdArgument,
    PurposeOption,
)
from bigbrother.entrypoints.cli.output import Format, OutputOption, plain, print_json
from bigbrother.entrypoints.cli.suggestions import suggesting


@explains_errors
def forget(
    collection: CollectionArgument,
    external_id: ExternalIdArgument,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    purpose: PurposeOption = "",
    output: OutputOption = Format.TABLE,
    url: UrlOption = None,
    token_file: TokenFileOption = None,
) -> None:
    """Erases a person with all faces, embeddings, crops and results. It cannot be undone."""
    with (
        connected(url, token_file) as client,
        suggesting(client, collection, external_id),
    ):
        subject = client.subjects.get(collection, external_id)
        who = f"'{external_id}'" + (f" ({subject.name})" if subject.name else "")
        what = f"{who} and {_faces(subject.faces)} from '{collection}'"
        if not yes:
            confirm(f"Erase {what}? It cannot be undone.", otherwise="Nothing was erased.")
        client.subjects.delete(collection, external_id, purpose=purpose)
    if output is Format.JSON:
        print_json({"collection": collection, "erased": subject})
    else:
        typer.echo(plain(f"Erased {what}."))


def _faces(number: int) -> str:
    return "1 face" if number == 1 else f"{number} faces"
