"""`bigbrother check`: looks at the machine, the application and the model, by the runbook."""

import sys
from collections.abc import Sequence
from contextlib import closing
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from bigbrother.entrypoints.cli.exits import explain
from bigbrother.entrypoints.cli.output import plain, print_json, say, shown_path
from bigbrother.entrypoints.cli.unexpected import explain_system_error, keep_traceback
from bigbrother.kernel.errors import BigBrotherError
from bigbrother.kernel.status import Status

if TYPE_CHECKING:
    from bigbrother.operations.checks.report.daily import Report
    from bigbrother.operations.checks.result import Result
    from bigbrother.settings import Settings

_UNKNOWN = 3
_STYLES = {
    Status.PASSED: "green",
    Status.WARNING: "yellow",
    Status.FAILED: "bold red",
    Status.UNKNOWN: "magenta",
    Status.SKIPPED: "dim",
}


class CheckFormat(StrEnum):
    """How results are printed."""

    TABLE = "table"
    JSON = "json"
    NAGIOS = "nagios"


def check(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]...",
            help="daily (all), system, application, ml, or checks by their names.",
            show_default=False,
        ),
    ] = None,
    *,
    output: Annotated[
        CheckFormat,
        typer.Option(
            "--output",
            "-o",
            "--format",
            help="A table for people, JSON for programs, or lines for Nagios.",
        ),
    ] = CheckFormat.TABLE,
    report: Annotated[
        bool,
        typer.Option("--report", help="Run all and write the daily report, as the watcher does."),
    ] = False,
) -> None:
    """Runs the runbook's checks now; the watcher need not run.

    Exit code 0 when all passed, 1 with a warning, 2 when one failed, 3 when one is unknown; what
    was skipped does not count.
    """
    # Other commands need not wait for the checks' parts.
    from bigbrother.entrypoints.cli.nagios import nagios_code, nagios_lines  # noqa: PLC0415
    from bigbrother.settings import load_settings  # noqa: PLC0415

    wanted = names or ["daily"]
    if report and wanted != ["daily"]:
        say("Error: The report is of all checks: bigbrother check daily --report.")
        raise typer.Exit(_UNKNOWN)
    try:
        settings = load_settings()
        results = _reported(settings) if report else _run(settings, wanted)
    except Exception as error:
        # Whoever reads the exit code takes 1 and 2 for the state of what was checked.
        _explain_any(error)
        raise typer.Exit(_UNKNOWN) from error
    if output is CheckFormat.JSON:
        found = [result.as_json() for result in results]
        print_json({"status": nagios_code(results).name.lower(), "results": found})
    elif output is CheckFormat.NAGIOS:
        for line in nagios_lines(results):
            typer.echo(plain(line))
    else:
        _print_table(results)
    raise typer.Exit(nagios_code(results))


def _run(settings: "Settings", wanted: Sequence[str]) -> "tuple[Result, ...]":
    from bigbrother.operations.checks.catalogue import chosen  # noqa: PLC0415
    from bigbrother.operations.checks.runner import run_checks  # noqa: PLC0415
    from bigbrother.wiring.checks import observed, watchers_file  # noqa: PLC0415

    counters = any(each.group != "system" for each in chosen(wanted))
    with watchers_file(settings) as store:
        return run_checks(wanted, observed(settings, store, counters=counters))


def _reported(settings: "Settings") -> "tuple[Result, ...]":
    from bigbrother.operations.checks.errors import ReportUnwritable  # noqa: PLC0415
    from bigbrother.operations.checks.report.daily import daily  # noqa: PLC0415
    from bigbrother.operations.store.store import Store  # noqa: PLC0415
    from bigbrother.wiring.checks import observed  # noqa: PLC0415

    if not settings.data.is_dir():
        raise ReportUnwritable(
            f"There is no installation in {settings.home}.", remedy="Begin one: bigbrother up."
        )
    settings.ops.mkdir(mode=0o700, exist_ok=True)
    with closing(Store(settings.ops_store)) as store:
        found = observed(settings, store, counters=True)
        made = daily(found, store, found.clock.now())
    _tell_report(made)
    return made.results


def _explain_any(error: Exception) -> None:
    if isinstance(error, BigBrotherError):
        explain(error)
    elif isinstance(error, OSError):
        explain_system_error(error)
    else:
        keep_traceback(error)


def _tell_report(made: "Report") -> None:
    if made.trouble is not None:
        explain(made.trouble)
    for file in made.files:
        say(f"Written: {shown_path(file)}")


def _print_table(results: "Sequence[Result]") -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    from bigbrother.operations.checks.report.words import SYMBOLS  # noqa: PLC0415
    from bigbrother.operations.checks.sentences import Figure  # noqa: PLC0415

    terminal = sys.stdout.isatty()
    table = Table("CHECK", "STATUS", "VALUE", "PASSES", "SEEN", box=None, pad_edge=False)
    for result in results:
        status = Text(str(result.status))
        if terminal:
            status = Text(f"{SYMBOLS[result.status]} {result.status}", _STYLES[result.status])
        value = "–" if result.value is None else Figure(result.value, result.unit).text()
        seen = " ".join((*result.evidence, result.remedy)).strip()
        cells = (f"{result.check} {result.target}".strip(), value, result.threshold, seen)
        name, shown, threshold, told = (Text(plain(cell)) for cell in cells)
        table.add_row(name, status, shown, threshold, told)
    console = Console(highlight=False, width=None if terminal else 10_000)
    with console.capture() as captured:
        console.print(table)
    typer.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))
