"""`bigbrother face list`: what the gallery holds."""

from typing import TYPE_CHECKING, Annotated

import typer

from bigbrother.client.results import Collection, EnrolledFace, Subject
from bigbrother.entrypoints.cli.completion import collection_names
from bigbrother.entrypoints.cli.connection import TokenFileOption, UrlOption, connected
from bigbrother.entrypoints.cli.exits import explains_errors
from bigbrother.entrypoints.cli.output import Format, OutputOption, print_json, print_table
from bigbrother.entrypoints.cli.suggestions import suggesting

if TYPE_CHECKING:
    from bigbrother.client.face_client import FaceClient


@explains_errors
def list_gallery(
    collection: Annotated[
        str | None,
        typer.Argument(
            metavar="COLLECTION",
            help="List this collection's subjects.",
            autocompletion=collection_names,
            show_default=False,
        ),
    ] = None,
    external_id: Annotated[
        str | None,
        typer.Argument(
            metavar="EXTERNAL_ID", help="List this subject's faces.", show_default=False
        ),
    ] = None,
    *,
    output: OutputOption = Format.TABLE,
    url: UrlOption = None,
    token_file: TokenFileOption = None,
) -> None:
    """Lists collections, the subjects of one, or the faces of a subject."""
    with (
        connected(url, token_file) as client,
        suggesting(client, collection, external_id),
    ):
        if collection is None:
            _collections(client, output)
        elif external_id is None:
            _subjects(client, collection, output)
        else:
            _faces(client, collection, external_id, output)


def _collections(client: "FaceClient", output: Format) -> None:
    found: list[Collection] = list(client.collections.list())
    if output is Format.JSON:
        print_json({"items": found})
        return
    print_table(
        ("COLLECTION", "DESCRIPTION", "KEEPS CROPS", "RETENTION", "CREATED"),
        [
            (item.name, item.description, item.keep_crops, item.retention, f"{item.created_at:%F}")
            for item in found
        ],
    )


def _subjects(client: "FaceClient", collection: str, output: Format) -> None:
    found: list[Subject] = list(client.subjects.list(collection))
    if output is Format.JSON:
        print_json({"items": found})
        return
    print_table(
        ("SUBJECT", "NAME", "FACES", "BASIS", "PURPOSE", "EXPIRES", "CREATED"),
        [
            (
                item.external_id,
                item.name,
                item.faces,
                item.consent.legal_basis,
                item.consent.purpose,
                _validity(item),
                f"{item.created_at:%F}",
            )
            for item in found
        ],
    )


def _validity(subject: Subject) -> str:
    consent = subject.consent
    if consent.withdrawn_at is not None:
        return f"withdrawn {consent.withdrawn_at:%F}"
    return "never" if consent.expires_at is None else f"{consent.expires_at:%F %H:%M %Z}"


def _faces(client: "FaceClient", collection: str, external_id: str, output: Format) -> None:
    found: list[EnrolledFace] = list(client.faces.list(collection, external_id))
    if output is Format.JSON:
        print_json({"items": found})
        return
    print_table(
        ("FACE", "SCORE", "QUALITY", "CROP", "MODELS", "CREATED"),
        [
            (
                item.id,
                item.score,
                item.quality.overall if item.quality else None,
                item.has_crop,
                ", ".join(item.models),
                f"{item.created_at:%F}",
            )
            for item in found
        ],
    )
