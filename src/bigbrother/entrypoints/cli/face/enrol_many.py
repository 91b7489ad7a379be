"""`bigbrother face enrol-many`: enrols the people of a folder tree or a CSV file."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bigbrother.client.results import Consent
from bigbrother.entrypoints.cli.bulk.people import People, SourceRefused
from bigbrother.entrypoints.cli.completion import collection_names
from bigbrother.entrypoints.cli.connection import TokenFileOption, UrlOption, connected
from bigbrother.entrypoints.cli.consent import (
    BasisOption,
    CreateCollectionOption,
    ExpiresOption,
    ProminentOption,
    ReferenceOption,
    expires_at,
)
from bigbrother.entrypoints.cli.exits import ExitCode, explains_errors
from bigbrother.entrypoints.cli.face.enrol import require_collection
from bigbrother.entrypoints.cli.output import (
    Format,
    OutputOption,
    print_json,
    print_table,
    say,
    shown_path,
)
from bigbrother.entrypoints.cli.suggestions import suggesting
from bigbrother.kernel.errors import BigBrotherError
from bigbrother.runbook.load import load_runbook
from bigbrother.settings import load_settings

if TYPE_CHECKING:
    from bigbrother.entrypoints.cli.bulk.report import Line, Report
    from bigbrother.entrypoints.cli.bulk.tally import Tally


@explains_errors
def enrol_many(  # noqa: PLR0913 - a command's options are its arguments
    source: Annotated[
        Path,
        typer.Argument(
            metavar="SOURCE",
            help="A folder with a folder of photos for each person, named by the person's id; or a "
            "CSV file with the columns path, external_id and maybe name.",
        ),
    ],
    *,
    collection: Annotated[
        str,
        typer.Option(
            "--collection", "-c", help="The collection's name.", autocompletion=collection_names
        ),
    ],
    purpose: Annotated[
        str, typer.Option("--purpose", help="What these people are recognised for.")
    ],
    basis: BasisOption = "consent",
    reference: ReferenceOption = "",
    expires: ExpiresOption = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report",
            metavar="FILE.csv",
            help="Write down what came of each photo; the next run with this report goes on there.",
            show_default=False,
        ),
    ] = None,
    create_collection: CreateCollectionOption = False,
    prominent: ProminentOption = False,
    skip_invalid: Annotated[
        bool, typer.Option("--skip-invalid", help="Leave out what the check of the source finds.")
    ] = False,
    retry_refused: Annotated[
        bool, typer.Option("--retry-refused", help="Send again what the report says was refused.")
    ] = False,
    output: OutputOption = Format.TABLE,
    url: UrlOption = None,
    token_file: TokenFileOption = None,
) -> None:
    """Enrols the people of a folder tree or a CSV file; started again, it goes on."""
    from bigbrother.entrypoints.cli.bulk.enrolment import Enrolment  # noqa: PLC0415
    from bigbrother.entrypoints.cli.bulk.parts import Terms  # noqa: PLC0415
    from bigbrother.entrypoints.cli.bulk.under_way import Note  # noqa: PLC0415
    from bigbrother.entrypoints.cli.live import image_bar  # noqa: PLC0415

    consent = Consent(
        legal_basis=basis, purpose=purpose, reference=reference, expires_at=expires_at(expires)
    )
    people = _checked(source, report, skip_invalid=skip_invalid)
    with (
        _opened(report) as opened,
        connected(url, token_file) as client,
        suggesting(client, collection, otherwise="Make a new one with --create-collection."),
        image_bar("Enrolling") as show,
    ):
        require_collection(client, collection, create=create_collection)
        run = Enrolment(
            client,
            Terms(collection, consent, prominent),
            report=opened,
            note=Note(report),
            retry_refused=retry_refused,
            tell=_teller(report),
            show=show,
        )
        try:
            run.run(
                people.photos, load_runbook(load_settings().runbook_overlay).client.enrolment_part
            )
        except (KeyboardInterrupt, BigBrotherError):
            say(f"{run.tally.photos} of {len(people.photos)} photos are done. {_going_on(report)}")
            raise
    _print(output, collection, run.tally, len(people.faults), report)
    if not run.tally.complete or people.faults:
        raise typer.Exit(ExitCode.FAILED)


def _checked(source: Path, report: Path | None, *, skip_invalid: bool) -> People:
    """The source's people, with what is wrong told. Raises SourceRefused unless that is skipped."""
    from bigbrother.entrypoints.cli.bulk.csv_source import read_csv  # noqa: PLC0415
    from bigbrother.entrypoints.cli.bulk.folder_source import NAMES, read_folder  # noqa: PLC0415

    if report is not None and report.absolute() in (source.absolute(), source.absolute() / NAMES):
        raise SourceRefused(
            f"{report} is a part of the source.", remedy="Give the report a name of its own."
        )
    people = read_folder(source) if source.is_dir() else read_csv(source)
    for fault in people.faults:
        say(str(fault))
    if people.left_out:
        suffixes = ", ".join(sorted({file.suffix or file.name for file in people.left_out}))
        say(f"Left out {len(people.left_out)} files that are no images ({suffixes}).")
    if people.faults and not skip_invalid:
        raise SourceRefused(
            f"{shown_path(source)} holds {len(people.faults)} entries that cannot be enrolled; "
            "nothing was sent.",
            remedy="Mend them, or leave them out with --skip-invalid.",
        )
    if not people.photos:
        raise SourceRefused(
            f"{shown_path(source)} holds no photo.",
            remedy="Give a folder with a folder of photos for each person, or a CSV file.",
        )
    return people


@contextmanager
def _opened(report: Path | None) -> "Iterator[Report | None]":
    from bigbrother.entrypoints.cli.bulk.report import open_report  # noqa: PLC0415

    if report is None:
        yield None
        return
    with open_report(report) as opened:
        yield opened


def _teller(report: Path | None) -> "Callable[[Line], None]":
    """Tells of each photo that is not enrolled, where no report will."""

    def tell(line: "Line") -> None:
        if report is None and not line.done:
            say(f"{line.external_id}, {line.path}: {line.reason} {line.remedy}".rstrip())

    return tell


def _going_on(report: Path | None) -> str:
    if report is None:
        return "Run the same command again: no photo is enrolled twice."
    return "Run the same command again: it goes on where this one ended."


def _print(
    output: Format, collection: str, tally: "Tally", left_out: int, report: Path | None
) -> None:
    if output is Format.JSON:
        print_json(
            {
                "collection": collection,
                "photos": tally.photos,
                "enrolled": tally.enrolled,
                "already_enrolled": tally.already_enrolled,
                "refused": dict(tally.refused),
                "failed": dict(tally.failed),
                "invalid": left_out,
                "report": None if report is None else shown_path(report),
            }
        )
        return
    rows: list[tuple[object, ...]] = [
        ("enrolled", tally.enrolled, None),
        ("already enrolled", tally.already_enrolled, None),
    ]
    rows += [("refused", count, code) for code, count in tally.refused.most_common()]
    rows += [("failed", count, code) for code, count in tally.failed.most_common()]
    if left_out:
        rows.append(("invalid", left_out, None))
    print_table(("OUTCOME", "PHOTOS", "REASON"), rows)
    if report is not None and not tally.complete:
        say(f"{shown_path(report)} says why, photo by photo.")
