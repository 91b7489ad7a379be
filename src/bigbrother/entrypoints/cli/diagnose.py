"""`bigbrother diagnose`: looks at everything at once, and says what is probably the matter."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from bigbrother.entrypoints.cli.completion import symptom_names
from bigbrother.entrypoints.cli.exits import ExitCode, explains_errors
from bigbrother.entrypoints.cli.output import (
    Format,
    OutputOption,
    plain,
    print_json,
    print_table,
    progress,
    say,
    shown_path,
)
from bigbrother.kernel.errors import InvalidInput
from bigbrother.kernel.quantity import parse_quantity
from bigbrother.kernel.status import Status

if TYPE_CHECKING:
    from bigbrother.operations.checks.result import Result
    from bigbrother.operations.diagnostics.records import Cause, Diagnosis

_BAD = (Status.FAILED, Status.WARNING, Status.UNKNOWN)
_STYLES = {
    Status.PASSED: "green",
    Status.WARNING: "yellow",
    Status.FAILED: "bold red",
    Status.UNKNOWN: "magenta",
    Status.SKIPPED: "dim",
}
_NOTHING_KNOWN = 3


@explains_errors
def diagnose(
    symptoms: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SYMPTOM]...",
            help="Issues of the runbook or alerts: causes that have to do with them come alone.",
            show_default=False,
            autocompletion=symptom_names,
        ),
    ] = None,
    *,
    output: OutputOption = Format.TABLE,
    within: Annotated[
        str | None,
        typer.Option(
            "--within",
            metavar="TIME",
            help="The budget, such as 5s; the document's without it.",
            show_default=False,
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", "-a", help="Show what is well, too.")
    ] = False,
    bundle: Annotated[
        Path | None,
        typer.Option(
            "--bundle",
            metavar="FILE",
            help="Pack it for somebody else, without secrets: a .tar.gz or .zip that does not "
            "exist yet.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Looks at network, machine, services, database and model side by side, and ranks causes.

    Nothing of the service needs to run. Exit code 0 when nothing is wrong, 1 with a warning, 2 when
    something failed, 3 when nothing could be looked at.
    """
    # Other commands need not wait for the parts of this one.
    from bigbrother.operations.diagnostics.bundle.write import (  # noqa: PLC0415
        check_bundle,
        write_bundle,
    )
    from bigbrother.operations.diagnostics.catalogue import chosen  # noqa: PLC0415
    from bigbrother.operations.diagnostics.diagnosis import diagnosis  # noqa: PLC0415
    from bigbrother.settings import load_settings  # noqa: PLC0415
    from bigbrother.wiring.diagnostics import scene  # noqa: PLC0415

    budget = None if within is None else _seconds(within)
    if bundle is not None:
        check_bundle(bundle)
    seen = scene(load_settings())
    with progress("Looking", len(chosen(seen.runbook))) as advance:
        found = diagnosis(
            seen,
            within_seconds=budget,
            symptoms=symptoms or (),
            told=lambda _name: advance(),
        )
    if bundle is not None:
        write_bundle(seen, found, bundle)
    if output is Format.JSON:
        print_json({"status": _status(found), **found.as_json()})
    else:
        _print(found, everything=everything)
    if bundle is not None:
        say(f"Written: {shown_path(bundle)}. Look through it before you give it away.")
    raise typer.Exit(_code(found))


def _seconds(text: str) -> float:
    seconds = parse_quantity(text, "duration").value
    if seconds <= 0:
        raise InvalidInput(f"'{text}' is no time to look.", remedy="Such as --within 5s.")
    return seconds


def _code(found: "Diagnosis") -> int:
    statuses = {result.status for result in found.results}
    if Status.FAILED in statuses:
        return 2
    if Status.WARNING in statuses:
        return 1
    return ExitCode.DONE if Status.PASSED in statuses else _NOTHING_KNOWN


def _status(found: "Diagnosis") -> str:
    return {0: "passed", 1: "warning", 2: "failed"}.get(_code(found), "unknown")


def _print(found: "Diagnosis", *, everything: bool) -> None:
    for place, cause in enumerate(found.causes, 1):
        _print_cause(place, cause)
    if not found.causes:
        wrong = any(r.status in (Status.FAILED, Status.WARNING) for r in found.results)
        typer.echo("No known cause explains what was seen." if wrong else "Nothing wrong was seen.")
    shown = [
        result
        for status in (*_BAD, Status.PASSED, Status.SKIPPED)
        for result in found.results
        if result.status is status and (everything or status in _BAD)
    ]
    if shown:
        typer.echo()
        print_table(
            ("LOOK", "STATUS", "VALUE", "PASSES", "SEEN"), [_row(result) for result in shown]
        )
    left = len(found.results) - len(shown)
    more = f"; {left} more are well or do not apply (--all)" if left else ""
    say(f"Looked {len(found.results)} times in {found.seconds:.1f} s{more}.")


def _print_cause(place: int, cause: "Cause") -> None:
    about = f" ({cause.target})" if cause.target else ""
    head = Text(plain(f"{place}. {cause.name}{about}, {100 * cause.likelihood:.0f}% likely"))
    head.stylize("bold")
    _echo(head)
    for reason in cause.reasons:
        _echo(Text(plain(f"   - {reason}")))
    for procedure in cause.procedures:
        _echo(Text(plain(f"   $ bigbrother run {procedure}"), style="cyan"))


def _echo(text: Text) -> None:
    from rich.console import Console  # noqa: PLC0415

    if sys.stdout.isatty():
        Console(highlight=False).print(text, soft_wrap=True)
    else:
        typer.echo(text.plain)


def _row(result: "Result") -> Sequence[object]:
    from bigbrother.operations.checks.report.words import SYMBOLS  # noqa: PLC0415
    from bigbrother.operations.checks.sentences import Figure  # noqa: PLC0415

    status = str(result.status)
    if sys.stdout.isatty():
        status = f"{SYMBOLS[result.status]} {status}"
    value = "–" if result.value is None else Figure(result.value, result.unit).text()
    remedy = result.remedy if result.status in _BAD else ""
    return (
        f"{result.check} {result.target}".strip(),
        Text(status, _STYLES[result.status]),
        value,
        result.threshold or "–",
        " ".join((*result.evidence, remedy)).strip(),
    )
