"""`bigbrother face forget`: erases a person from a collection."""

import sys
from typing import Annotated

import typer

from bigbrother.entrypoints.cli.connection import TokenFileOption, UrlOption, connected
from bigbrother.entrypoints.cli.exits import ExitCode, explains_errors
from bigbrother.entrypoints.cli.face.arguments import CollectionArgument, ExternalIdArgument
from bigbrother.entrypoints.cli.output import Format, OutputOption, plain, print_json, say
from bigbrother.entrypoints.cli.suggestions import suggesting


@explains_errors
def forget(
    collection: CollectionArgument,
    external_id: ExternalIdArgument,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    output: OutputOption = Format.TABLE,
    url: UrlOption = None,
    token_file: TokenFileOption = None,
) -> None:
    """Erases a person with all faces, embeddings and crops. It cannot be undone."""
    with (
        connected(url, token_file) as client,
        suggesting(client, collection, external_id),
    ):
        subject = client.subjects.get(collection, external_id)
        who = f"'{external_id}'" + (f" ({subject.name})" if subject.name else "")
        what = f"{who} and {_faces(subject.faces)} from '{collection}'"
        if not yes:
            _confirm(f"Erase {what}? It cannot be undone.")
        client.subjects.delete(collection, external_id)
    if output is Format.JSON:
        print_json({"collection": collection, "erased": subject})
    else:
        typer.echo(plain(f"Erased {what}."))


def _confirm(question: str) -> None:
    if not sys.stdin.isatty():
        raise typer.BadParameter("Nobody is there to be asked; confirm with --yes.")
    if not typer.confirm(plain(question), err=True):
        say("Nothing was erased.")
        raise typer.Exit(ExitCode.REFUSED)


def _faces(number: int) -> str:
    return "1 face" if number == 1 else f"{number} faces"
