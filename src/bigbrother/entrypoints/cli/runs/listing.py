"""`bigbrother runs list`: what was run, and what goes on."""

from typing import Annotated

import typer

from bigbrother.entrypoints.cli.alerts.opened import before, opened
from bigbrother.entrypoints.cli.completion import procedure_names
from bigbrother.entrypoints.cli.exits import explains_errors
from bigbrother.entrypoints.cli.output import Format, OutputOption, print_json, print_table, say


@explains_errors
def list_runs(
    *,
    only_open: Annotated[
        bool, typer.Option("--open", help="Only those that have not ended.")
    ] = False,
    procedure: Annotated[
        str | None,
        typer.Option(
            "--procedure",
            "-p",
            help="Only those of this procedure.",
            show_default=False,
            autocompletion=procedure_names,
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="SPAN", help="No older than: 7d.", show_default=False),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", min=1, help="The most to list.", show_default=False),
    ] = None,
    output: OutputOption = Format.TABLE,
) -> None:
    """Lists runs, the newest first."""
    # Help need not wait for them.
    from bigbrother.entrypoints.cli.runs import shown  # noqa: PLC0415
    from bigbrother.operations.procedures import history  # noqa: PLC0415
    from bigbrother.operations.procedures.as_json import run_json  # noqa: PLC0415
    from bigbrother.operations.procedures.catalogue import find  # noqa: PLC0415
    from bigbrother.operations.procedures.records import ENDED, RunState  # noqa: PLC0415

    with opened() as at:
        most = limit or at.runbook.limits.page_size
        runs = at.store.read(
            lambda conn: history.list_runs(
                conn,
                limit=most,
                procedure=None if procedure is None else find(procedure, at.runbook).name,
                states=[state for state in RunState if state not in ENDED] if only_open else (),
                since=None if since is None else before(at.now, since),
            )
        )
        now = at.now
    if output is Format.JSON:
        print_json({"items": [run_json(run) for run in runs]})
        return
    if not runs:
        say("No run goes on." if only_open else "Nothing was run yet.")
        return
    print_table(shown.COLUMNS, [shown.row(run, now) for run in runs])
    if len(runs) == most:
        say(f"These are the newest {most}; see more: --limit {most * 10}.")
