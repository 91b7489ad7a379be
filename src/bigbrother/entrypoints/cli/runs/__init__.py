"""The command group `bigbrother runs`: a file a command."""

import typer

from bigbrother.entrypoints.cli.output import examples
from bigbrother.entrypoints.cli.runs.asked import approve, cancel, pause, reject, resume
from bigbrother.entrypoints.cli.runs.listing import list_runs
from bigbrother.entrypoints.cli.runs.show import show
from bigbrother.entrypoints.cli.runs.watch import watch

app = typer.Typer(
    help="See and steer runs of procedures, whether the watcher runs or not.",
    no_args_is_help=True,
)

app.command(
    "list",
    epilog=examples("bigbrother runs list", "bigbrother runs list --open -o json"),
)(list_runs)
app.command(
    "show", epilog=examples("bigbrother runs show last", "bigbrother runs show 4f8a1b2c -o json")
)(show)
app.command("watch", epilog=examples("bigbrother runs watch last"))(watch)
app.command(
    "approve", epilog=examples("bigbrother runs approve 4f8a1b2c --reason 'seen the plan'")
)(approve)
app.command(
    "reject", epilog=examples("bigbrother runs reject 4f8a1b2c --as ana --reason 'not today'")
)(reject)
app.command("cancel", epilog=examples("bigbrother runs cancel 4f8a1b2c"))(cancel)
app.command("pause", epilog=examples("bigbrother runs pause 4f8a1b2c"))(pause)
app.command(
    "resume",
    epilog=examples(
        "bigbrother runs resume 4f8a1b2c", "bigbrother runs resume 4f8a1b2c --settle done"
    ),
)(resume)
