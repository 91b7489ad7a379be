"""`bigbrother erasures`: what was erased, and must stay so in every restored copy."""

from datetime import datetime
from typing import Any
from uuid import UUID

import typer

from bigbrother.entrypoints.cli.exits import ExitCode, explain, explains_errors
from bigbrother.entrypoints.cli.output import (
    Format,
    OutputOption,
    examples,
    print_json,
    print_table,
    say,
)
from bigbrother.wiring import rights

app = typer.Typer(help="Read, verify and repeat the ledger of erasures.", no_args_is_help=True)


@app.command("list", epilog=examples("bigbrother erasures list"))
@explains_errors
def list_erasures(output: OutputOption = Format.TABLE) -> None:
    """Lists every erasure and withdrawal, and whether this database has carried it out."""
    from bigbrother.face.batch import erasure  # noqa: PLC0415

    with rights() as held:
        lines = held.ledger.erasures()
        done = len(lines) - erasure.pending(held.conn, held.ledger)
    items: list[dict[str, Any]] = [
        {
            "sequence": line.sequence,
            "at": _plain(line.at),
            "kind": line.kind,
            "collection_id": _plain(line.collection_id),
            "subject_id": _plain(line.subject_id),
            "face_id": _plain(line.face_id),
            "carried_out": line.sequence <= done,
        }
        for line in lines
    ]
    if output is Format.JSON:
        print_json({"items": items})
        return
    if not items:
        say("Nobody was erased, and no consent withdrawn.")
        return
    print_table(
        ("LINE", "AT", "KIND", "COLLECTION", "SUBJECT", "FACE", "CARRIED OUT"),
        [tuple(item.values()) for item in items],
    )


@app.command("verify", epilog=examples("bigbrother erasures verify"))
@explains_errors
def verify(output: OutputOption = Format.TABLE) -> None:
    """Looks at every line: exit code 9 when one was changed, or is not carried out."""
    from bigbrother.face.batch import erasure  # noqa: PLC0415
    from bigbrother.face.gallery.errors import LedgerDamaged  # noqa: PLC0415

    with rights() as held:
        try:
            waiting = erasure.pending(held.conn, held.ledger)
            lines = held.ledger.newest()
        except LedgerDamaged as error:
            if output is Format.JSON:
                print_json({"sound": False, "detail": error.detail, "remedy": error.remedy})
            explain(error)
            raise typer.Exit(ExitCode.VERIFICATION_FAILED) from error
    if output is Format.JSON:
        print_json({"sound": True, "lines": lines, "waiting": waiting})
    else:
        typer.echo(f"{lines} lines, {lines - waiting} carried out.")
    if waiting:
        say("Carry out the rest: bigbrother erasures replay.")
        raise typer.Exit(ExitCode.VERIFICATION_FAILED)


@app.command("replay", epilog=examples("bigbrother erasures replay"))
@explains_errors
def replay(output: OutputOption = Format.TABLE) -> None:
    """Carries out what this database has not: after an older copy was restored.

    The face unit does the same whenever it starts.
    """
    with rights() as held:
        lines = held.replay()
    if output is Format.JSON:
        print_json({"carried_out": lines})
    else:
        typer.echo(f"Carried out {lines} lines." if lines else "Nothing was left to carry out.")


def _plain(value: UUID | datetime | None) -> str | None:
    if value is None:
        return None
    return f"{value:%F %H:%M:%S}" if isinstance(value, datetime) else str(value)
