"""`bigbrother audit`: who used whose face for what, and whether the record of it is genuine."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from bigbrother.entrypoints.cli.exits import ExitCode, explains_errors
from bigbrother.entrypoints.cli.output import (
    Format,
    OutputOption,
    examples,
    print_json,
    print_table,
    say,
)
from bigbrother.telemetry.audit.records import Action
from bigbrother.wiring import rights

if TYPE_CHECKING:
    from bigbrother.face.gallery.statements import GalleryConnection
    from bigbrother.telemetry.audit.records import AuditRecord

app = typer.Typer(help="Read and verify the audit.", no_args_is_help=True)


@app.command(
    "verify", epilog=examples("bigbrother audit verify", "bigbrother audit verify -o json")
)
@explains_errors
def verify(output: OutputOption = Format.TABLE) -> None:
    """Looks at every record: exit code 9 when one was changed, removed, added or cut off."""
    with rights() as held:
        found = held.verify_audit()
    if output is Format.JSON:
        findings = [
            {"kind": one.kind, "first": one.first, "last": one.last, "detail": one.detail}
            for one in found.findings
        ]
        print_json({"records": found.records, "sound": not found.findings, "findings": findings})
    elif found.findings:
        print_table(
            ("RECORDS", "FINDING", "DETAIL"),
            [(_span(one.first, one.last), one.kind, one.detail) for one in found.findings],
        )
    else:
        typer.echo(f"{found.records} records, all as they were written.")
    if found.findings:
        say(
            "The audit is not what was written. Find out who could write to the database; compare "
            "it with a backup, and keep it as it is for whoever looks into it."
        )
        raise typer.Exit(ExitCode.VERIFICATION_FAILED)


@app.command(
    "list",
    epilog=examples(
        "bigbrother audit list",
        "bigbrother audit list --action identify --limit 10",
        "bigbrother audit list --since 2026-01-31 -o json",
    ),
)
@explains_errors
def list_records(
    subject: Annotated[
        str | None,
        typer.Option(
            "--subject",
            metavar="COLLECTION/EXTERNAL_ID",
            help="Only what is about this person; of an erased one give the identifier that the "
            "records show.",
            show_default=False,
        ),
    ] = None,
    *,
    action: Annotated[
        Action | None, typer.Option("--action", help="Only this action.", show_default=False)
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            "--since",
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"],
            help="Only from this time on, in UTC.",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=100_000, help="At most so many.")
    ] = 50,
    output: OutputOption = Format.TABLE,
) -> None:
    """Lists the newest records."""
    from bigbrother.face.gallery import names  # noqa: PLC0415
    from bigbrother.telemetry.audit import listing  # noqa: PLC0415

    with rights() as held:
        found = listing.newest_records(
            held.conn,
            subject_id=None if subject is None else _subject_id(held.conn, subject),
            action=action,
            since=None if since is None else since.replace(tzinfo=UTC),
            limit=limit,
        )
        mentioned = {one for record in found for one in record.entry.subject_ids}
        known = names.of_subjects(held.conn, mentioned)
    if output is Format.JSON:
        print_json({"items": [_described(record) for record in found]})
        return
    print_table(
        ("RECORD", "AT", "ACTION", "BY", "SUBJECTS", "PURPOSE", "RESULT", "REQUEST"),
        [_row(record, known) for record in found],
    )


def _subject_id(conn: "GalleryConnection", given: str) -> UUID:
    from bigbrother.face.gallery import subjects  # noqa: PLC0415

    collection, slash, external_id = given.partition("/")
    if slash:
        return subjects.get(conn, collection, external_id).id
    try:
        return UUID(given)
    except ValueError as error:
        raise typer.BadParameter(
            "Give COLLECTION/EXTERNAL_ID, or the identifier that the records show.",
            param_hint="--subject",
        ) from error


def _row(record: "AuditRecord", known: dict[UUID, str]) -> tuple[object, ...]:
    entry = record.entry
    shown = ", ".join(known.get(one, str(one)) for one in entry.subject_ids[:3])
    more = len(entry.subject_ids) - 3
    return (
        record.sequence,
        f"{record.at:%F %H:%M:%S}",
        entry.action,
        entry.token_name or "the service",
        f"{shown} and {more} more" if more > 0 else shown or None,
        entry.purpose or None,
        entry.result,
        entry.request_id or None,
    )


def _described(record: "AuditRecord") -> dict[str, Any]:
    entry = record.entry
    return {
        "sequence": record.sequence,
        "at": record.at.isoformat(),
        "action": entry.action,
        "token_id": None if entry.token_id is None else str(entry.token_id),
        "token_name": entry.token_name,
        "collection_id": None if entry.collection_id is None else str(entry.collection_id),
        "subject_ids": [str(one) for one in entry.subject_ids],
        "purpose": entry.purpose,
        "result": entry.result,
        "request_id": entry.request_id,
    }


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first} to {last}"
