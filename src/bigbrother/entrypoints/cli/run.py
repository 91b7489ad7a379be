"""`bigbrother run`: begins a procedure of the runbook and follows it to its end."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from bigbrother.entrypoints.cli.alerts.opened import person
from bigbrother.entrypoints.cli.asking import confirm
from bigbrother.entrypoints.cli.completion import procedure_names
from bigbrother.entrypoints.cli.exits import explains_errors
from bigbrother.entrypoints.cli.output import Format, OutputOption, print_json, say
from bigbrother.kernel.errors import InvalidInput

if TYPE_CHECKING:
    from bigbrother.entrypoints.cli.runs.beginning import Installed, Wanted
    from bigbrother.operations.procedures.records import Run


@explains_errors
def run(
    procedure: Annotated[
        str | None,
        typer.Argument(
            metavar="[PROCEDURE]",
            help="Its name, or the part after the dot; without it, all are listed.",
            show_default=False,
            autocompletion=procedure_names,
        ),
    ] = None,
    *,
    arguments: Annotated[
        list[str] | None,
        typer.Option(
            "--arg",
            "-a",
            metavar="NAME=VALUE",
            help="An argument of its steps.",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what each step would do; change nothing.")
    ] = False,
    yes: Annotated[
        bool,
        typer.Option("--yes", "-y", help="Do not ask; approves its steps that need it, too."),
    ] = False,
    insist: Annotated[
        bool, typer.Option("--insist", help="Go on in spite of a change freeze.")
    ] = False,
    detach: Annotated[
        bool, typer.Option("--detach", "-d", help="Leave it to the watcher; do not follow it.")
    ] = False,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why; kept with the run.")
    ] = "",
    output: OutputOption = Format.TABLE,
) -> None:
    """Runs a procedure; it goes on with the watcher, or here while there is no watcher.

    Exit code 0 when it succeeded, 1 when not, 9 when a step that verifies failed, 4 when it was
    refused and 7 when another run works on the same thing: then nothing was touched.
    """
    # Help and completion need not wait for them.
    from bigbrother.entrypoints.cli.runs import beginning, planning  # noqa: PLC0415

    if procedure is None:
        planning.list_procedures(output)
        return
    with beginning.installed() as at:
        wanted = beginning.wanted(at, procedure, arguments or [], reason, person(None))
        if dry_run:
            raise typer.Exit(planning.tell(wanted, planning.plans_of(at, wanted), output))
        if wanted.changes and not yes:
            _ask(at, wanted)
        begun = beginning.begin(at, wanted, insist=insist)
        if detach:
            _leave(at, begun, output)
            return
        raise typer.Exit(beginning.follow(at, begun, output, ours=True))


def _ask(at: "Installed", wanted: "Wanted") -> None:
    from bigbrother.entrypoints.cli.runs import planning  # noqa: PLC0415

    if not sys.stdin.isatty():
        raise InvalidInput(
            "It changes the system, and nobody is there to be asked.",
            remedy="Add --yes, or see what it would do: --dry-run.",
        )
    planning.tell_plans(wanted, planning.plans_of(at, wanted), err=True)
    confirm("Run it?", otherwise="Nothing was touched.")


def _leave(at: "Installed", begun: "Run", output: Format) -> None:
    from bigbrother.installation.readiness import watcher_is_ready  # noqa: PLC0415
    from bigbrother.operations.procedures.as_json import run_json  # noqa: PLC0415

    if not watcher_is_ready(at.settings):
        say("No watcher runs: it begins once there is one, or somebody watches it.")
    if output is Format.JSON:
        print_json(run_json(begun))
        return
    typer.echo(f"Run {begun.id} of {begun.procedure} has begun.")
    say(f"Follow it: bigbrother runs watch {begun.id}")
