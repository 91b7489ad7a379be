"""`bigbrother face enrol`: adds examples of a person to a collection."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bigbrother.client.errors import RequestRefused, ResourceConflict, ResourceMissing
from bigbrother.client.results import Consent, EnrolledFace, LegalBasis, Subject
from bigbrother.entrypoints.cli.connection import TokenFileOption, UrlOption, connected
from bigbrother.entrypoints.cli.consent import (
    BasisOption,
    CreateCollectionOption,
    ExpiresOption,
    ProminentOption,
    ReferenceOption,
    expires_at,
)
from bigbrother.entrypoints.cli.exits import explains_errors
from bigbrother.entrypoints.cli.face.arguments import CollectionArgument, ExternalIdArgument
from bigbrother.entrypoints.cli.face.images import (
    ImagesArgument,
    Outcome,
    finish,
    for_each_image,
    require_one_stdin,
)
from bigbrother.entrypoints.cli.output import Format, OutputOption, print_json, print_table, say
from bigbrother.entrypoints.cli.suggestions import suggesting

if TYPE_CHECKING:
    from bigbrother.client.face_client import FaceClient


@dataclass(frozen=True)
class NewSubject:
    """What a subject that is not known yet is made with."""

    name: str
    metadata: dict[str, Any]
    basis: LegalBasis
    purpose: str
    reference: str
    expires_at: datetime | None


@explains_errors
def enrol(  # noqa: PLR0913 - a command's options are its arguments
    collection: CollectionArgument,
    external_id: ExternalIdArgument,
    images: ImagesArgument,
    *,
    name: Annotated[str, typer.Option("--name", help="The person's name.")] = "",
    basis: BasisOption = "consent",
    purpose: Annotated[
        str, typer.Option("--purpose", help="What the person is recognised for.")
    ] = "",
    reference: ReferenceOption = "",
    expires: ExpiresOption = None,
    metadata: Annotated[
        str, typer.Option("--metadata", metavar="JSON", help="A JSON object kept with the subject.")
    ] = "{}",
    create_collection: CreateCollectionOption = False,
    prominent: ProminentOption = False,
    output: OutputOption = Format.TABLE,
    url: UrlOption = None,
    token_file: TokenFileOption = None,
) -> None:
    """Adds examples of a person to a collection; makes the subject where it is new."""
    require_one_stdin(images)
    new = NewSubject(name, _metadata(metadata), basis, purpose, reference, expires_at(expires))
    with (
        connected(url, token_file) as client,
        suggesting(client, collection, otherwise="Make a new one with --create-collection."),
    ):
        require_collection(client, collection, create=create_collection)
        agreed = _require_subject(client, collection, external_id, new).purpose
        outcomes = for_each_image(
            images,
            "Enrolling",
            lambda _, data: client.faces.enrol(
                collection, external_id, data, prominent=prominent, purpose=agreed
            ),
        )
        subject = client.subjects.get(collection, external_id)
    _print(output, collection, subject, outcomes)
    finish(outcomes)


def require_collection(client: "FaceClient", name: str, *, create: bool) -> None:
    """Returns once the collection is there; raises ResourceMissing unless it may be made."""
    try:
        client.collections.get(name)
    except ResourceMissing:
        if not create:
            raise
        try:
            client.collections.create(name)
        except ResourceConflict:
            return  # somebody else made it in between, which is as good
        say(f"Made the collection '{name}'.")


def _require_subject(
    client: "FaceClient", collection: str, external_id: str, new: NewSubject
) -> Consent:
    """The consent under which the faces are enrolled."""
    try:
        known = client.subjects.get(collection, external_id)
    except ResourceMissing:
        if not new.purpose:
            raise RequestRefused(
                f"'{external_id}' is new in '{collection}': say why the person may be held.",
                remedy="Add --purpose, and --basis where it is not consent.",
                code="consent-missing",
            ) from None
    else:
        if new.name or new.purpose or new.reference or new.expires_at or new.metadata:
            say(f"'{external_id}' is known already: its name and consent stay as they are.")
        return known.consent
    consent = Consent(
        legal_basis=new.basis,
        purpose=new.purpose,
        reference=new.reference,
        expires_at=new.expires_at,
    )
    return client.subjects.create(
        collection, external_id, name=new.name, metadata=new.metadata, consent=consent
    ).consent


def _metadata(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise typer.BadParameter(f"--metadata is not JSON: {error}.") from error
    if not isinstance(value, dict):
        raise typer.BadParameter('--metadata is not a JSON object such as \'{"team": "door"}\'.')
    return value


def _print(
    output: Format, collection: str, subject: Subject, outcomes: list[Outcome[EnrolledFace]]
) -> None:
    if output is Format.JSON:
        faces = [
            {"image": outcome.image, "face": outcome.result, "error": outcome.error_json()}
            for outcome in outcomes
        ]
        print_json({"collection": collection, "subject": subject, "faces": faces})
        return
    print_table(("IMAGE", "RESULT", "FACE", "QUALITY"), [_row(outcome) for outcome in outcomes])
    if subject.faces == 0:
        say(f"'{subject.external_id}' has no face yet and cannot be recognised.")


def _row(outcome: Outcome[EnrolledFace]) -> tuple[object, ...]:
    if outcome.result is None:
        code = outcome.error.code if outcome.error else ""
        return (outcome.image, code or "refused", None, None)
    quality = outcome.result.quality
    return (outcome.image, "enrolled", outcome.result.id, quality.overall if quality else None)
