"""`bigbrother runs watch`: follows a run to its end."""

import typer

from bigbrother.entrypoints.cli.exits import explains_errors
from bigbrother.entrypoints.cli.output import Format, OutputOption
from bigbrother.entrypoints.cli.runs.reference import RunReference


@explains_errors
def watch(reference: RunReference, output: OutputOption = Format.TABLE) -> None:
    """Tells what happens in a run from its beginning; where no watcher runs, it goes on here.

    Exit code as of `bigbrother run`.
    """
    from bigbrother.entrypoints.cli.runs import beginning  # noqa: PLC0415
    from bigbrother.operations.procedures.history import find_run  # noqa: PLC0415

    with beginning.installed() as at:
        run = at.store.read(lambda conn: find_run(conn, reference))
        raise typer.Exit(beginning.follow(at, run, output, ours=False))
