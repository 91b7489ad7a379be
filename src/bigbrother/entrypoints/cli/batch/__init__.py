"""The command group `bigbrother batch`: a file a command."""

import typer

from bigbrother.entrypoints.cli.batch.cancel import cancel
from bigbrother.entrypoints.cli.batch.delete import delete
from bigbrother.entrypoints.cli.batch.results import results
from bigbrother.entrypoints.cli.batch.retry import retry
from bigbrother.entrypoints.cli.batch.status import status
from bigbrother.entrypoints.cli.batch.submit import submit
from bigbrother.entrypoints.cli.output import examples

ID = "0198c3a2-6b1e-7c55-9d0e-3f2a8b7c6d5e"

app = typer.Typer(help="Analyse, enrol or identify many images at once.", no_args_is_help=True)

app.command(
    "submit",
    epilog=examples(
        "bigbrother batch submit photos/ --kind analyze --wait",
        "bigbrother batch submit photo.jpg other.jpg --kind identify --collection staff --follow",
        "bigbrother batch submit people.zip --kind enrol --collection staff "
        "--purpose 'front door' --reference 'form 17' --wait",
    ),
)(submit)
app.command(
    "status",
    epilog=examples(
        "bigbrother batch status",
        f"bigbrother batch status {ID} --watch",
    ),
)(status)
app.command(
    "results",
    epilog=examples(
        f"bigbrother batch results {ID} --follow -o json",
        f"bigbrother batch results {ID} --failed --save failed.ndjson",
    ),
)(results)
app.command("cancel", epilog=examples(f"bigbrother batch cancel {ID}"))(cancel)
app.command("retry", epilog=examples(f"bigbrother batch retry {ID}"))(retry)
app.command("delete", epilog=examples(f"bigbrother batch delete {ID} --yes"))(delete)
