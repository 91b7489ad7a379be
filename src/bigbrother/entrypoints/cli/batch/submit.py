"""`bigbrother batch submit`: sends many images at once."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from bigbrother.client.results import Consent, LegalBasis
from bigbrother.entrypoints.cli.batch.ending import finish, left_alone, wait
from bigbrother.entrypoints.cli.batch.results import as_lines, print_results
from bigbrother.entrypoints.cli.batch.shown import print_batch
from bigbrother.entrypoints.cli.batch.sources import Images, images
from bigbrother.entrypoints.cli.completion import collection_names
from bigbrother.entrypoints.cli.connection import TokenFileOption, UrlOption, connected
from bigbrother.entrypoints.cli.consent import (
    BasisOption,
    ExpiresOption,
    ProminentOption,
    ReferenceOption,
    expires_at,
)
from bigbrother.entrypoints.cli.exits import explains_errors
from bigbrother.entrypoints.cli.output import Format, OutputOption, say, shown_path
from bigbrother.entrypoints.cli.suggestions import suggesting
from bigbrother.kernel.errors import InvalidInput

if TYPE_CHECKING:
    from bigbrother.client.batch_answers import Batch
    from bigbrother.client.face_client import FaceClient


class SecretUnreadable(InvalidInput):
    """The file with the webhook's secret is of no use."""

    code = "webhook-secret-unreadable"
    title = "The webhook's secret cannot be read"


@explains_errors
def submit(  # noqa: PLR0913 - a command's options are its arguments
    context: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="IMAGE|FOLDER|ARCHIVE",
            help="Image files, folders with images below, or one zip archive.",
            show_default=False,
        ),
    ] = None,
    *,
    kind: Annotated[
        Literal["analyze", "enrol", "identify"],
        typer.Option("--kind", "-k", help="What is done with each image."),
    ],
    collection: Annotated[
        str | None,
        typer.Option(
            "--collection",
            "-c",
            help="Where to enrol or whom to look for.",
            autocompletion=collection_names,
            show_default=False,
        ),
    ] = None,
    server_folder: Annotated[
        str | None,
        typer.Option(
            "--server-folder",
            metavar="PATH",
            help="Take the images from a folder of the server instead of sending them.",
            show_default=False,
        ),
    ] = None,
    priority: Annotated[
        Literal["low", "normal", "high"],
        typer.Option("--priority", help="Which batches come first."),
    ] = "normal",
    chunk: Annotated[
        int | None,
        typer.Option(
            "--chunk",
            metavar="N",
            min=1,
            help="Images that a worker takes at a time.",
            show_default=False,
        ),
    ] = None,
    embeddings: Annotated[
        bool, typer.Option("--embeddings", help="analyze: compute embeddings.")
    ] = False,
    max_faces: Annotated[
        int | None,
        typer.Option(
            "--max-faces",
            metavar="N",
            min=1,
            help="analyze, identify: the N most prominent only.",
            show_default=False,
        ),
    ] = None,
    min_size: Annotated[
        float | None,
        typer.Option(
            "--min-size",
            metavar="PX",
            min=0,
            help="analyze: leave smaller faces out.",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit",
            metavar="N",
            min=1,
            help="identify: matches of each face.",
            show_default=False,
        ),
    ] = None,
    prominent: ProminentOption = False,
    basis: BasisOption = "consent",
    purpose: Annotated[
        str,
        typer.Option(
            "--purpose",
            help="What the faces are used for; enrol: people who are new are made with it, and "
            "refused without it.",
        ),
    ] = "",
    reference: ReferenceOption = "",
    expires: ExpiresOption = None,
    webhook: Annotated[
        str | None,
        typer.Option(
            "--webhook",
            metavar="URL",
            help="Tell this address when the batch is over.",
            show_default=False,
        ),
    ] = None,
    webhook_secret_file: Annotated[
        Path | None,
        typer.Option(
            "--webhook-secret-file",
            metavar="FILE",
            help="File that holds the secret by which the webhook is signed.",
            show_default=False,
        ),
    ] = None,
    wait_for_it: Annotated[
        bool, typer.Option("--wait", help="Stay until it is over; exit code 1 if images failed.")
    ] = False,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Stay and print each result as it comes.")
    ] = False,
    output: OutputOption = Format.TABLE,
    url: UrlOption = None,
    token_file: TokenFileOption = None,
) -> None:
    """Sends many images at once and prints the batch's id; into a pipe nothing else."""
    if bool(paths) == (server_folder is not None):
        raise typer.BadParameter("Give images, folders or an archive; or --server-folder alone.")
    if (kind == "analyze") == (collection is not None):
        raise typer.BadParameter(
            "Only enrol and identify are about a --collection, and they need one."
        )
    if (webhook is None) != (webhook_secret_file is None):
        raise typer.BadParameter("--webhook and --webhook-secret-file go together.")
    from bigbrother.entrypoints.cli.live import upload_bar  # noqa: PLC0415

    given = images(paths) if paths else Images(None, None)
    new_people = _new_people(kind, basis, purpose, reference, expires)
    secret = None if webhook_secret_file is None else _secret(webhook_secret_file)
    with connected(url, token_file) as client:
        with suggesting(client, collection), upload_bar("Sending") as sent:
            batch = client.batches.submit(
                kind,
                given.pictures,
                archive=given.archive,
                folder=server_folder,
                collection=collection,
                priority=priority,
                chunk=chunk,
                embeddings=embeddings,
                max_faces=max_faces,
                min_size_pixels=min_size,
                limit=limit,
                prominent=prominent,
                new_subjects=new_people,
                webhook_url=webhook,
                webhook_secret=secret,
                purpose=purpose,
                progress=sent,
            )
        if follow:
            _follow(client, batch, as_json=as_lines(context, output))
        elif wait_for_it:
            _wait(client, batch, output)
        else:
            _print(batch, output)


def _print(batch: "Batch", output: Format) -> None:
    if output is Format.JSON or sys.stdout.isatty():
        print_batch(batch, output)
    else:
        typer.echo(batch.id)


def _wait(client: "FaceClient", batch: "Batch", output: Format) -> None:
    say(f"Batch {batch.id}")
    with left_alone(batch.id):
        ended = wait(client, batch)
    _print(ended, output)
    finish(ended)


def _follow(client: "FaceClient", batch: "Batch", *, as_json: bool) -> None:
    say(f"Batch {batch.id}")
    with left_alone(batch.id):
        told = client.batches.results(batch.id, follow=True)
        print_results(told, batch.kind, typer.echo, as_json=as_json)
    finish(client.batches.get(batch.id))


def _new_people(
    kind: str, basis: LegalBasis, purpose: str, reference: str, expires: str | None
) -> Consent | None:
    """The consent of people who are made on the way; None where none shall be."""
    if kind != "enrol" or not purpose:
        return None
    return Consent(
        legal_basis=basis, purpose=purpose, reference=reference, expires_at=expires_at(expires)
    )


def _secret(file: Path) -> str:
    try:
        secret = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SecretUnreadable(
            f"{shown_path(file)} cannot be read: {reason}.",
            remedy="Give a file that holds the webhook's secret.",
        ) from error
    if not secret:
        raise SecretUnreadable(
            f"{shown_path(file)} is empty.", remedy="Give a file that holds the webhook's secret."
        )
    return secret
