"""`bigbrother`: the root of the command line."""

import sys
from typing import Annotated

import typer

from bigbrother import __version__
from bigbrother.entrypoints.cli import (
    alerts,
    audit,
    batch,
    erasures,
    face,
    metrics,
    models,
    render,
    runbook,
    runs,
    token,
)
from bigbrother.entrypoints.cli.check import check
from bigbrother.entrypoints.cli.diagnose import diagnose
from bigbrother.entrypoints.cli.down import down
from bigbrother.entrypoints.cli.exits import ExitCode, exit_code, explain
from bigbrother.entrypoints.cli.logs import logs
from bigbrother.entrypoints.cli.oncall import oncall
from bigbrother.entrypoints.cli.output import examples
from bigbrother.entrypoints.cli.preflight import preflight
from bigbrother.entrypoints.cli.run import run
from bigbrother.entrypoints.cli.status import status
from bigbrother.entrypoints.cli.unexpected import explain_system_error, keep_traceback
from bigbrother.entrypoints.cli.up import up
from bigbrother.kernel.errors import BigBrotherError

app = typer.Typer(
    name="bigbrother",
    help="A self-hosted face-analysis service that runs its own runbook.",
    epilog=examples(
        "bigbrother up --detach",
        "bigbrother status -o json",
        "bigbrother face analyze photo.jpg --draw found.jpg",
        "bigbrother batch submit photos/ --kind analyze --wait",
        "bigbrother logs -f bigbrother-face",
        "bigbrother down",
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("up", epilog=examples("bigbrother up", "bigbrother up --detach"))(up)
app.command("down", epilog=examples("bigbrother down"))(down)
app.command("status", epilog=examples("bigbrother status", "bigbrother status -o json"))(status)
app.command(
    "logs", epilog=examples("bigbrother logs bigbrother-face", "bigbrother logs -f bigbrother-db")
)(logs)
app.command(
    "check",
    epilog=examples(
        "bigbrother check",
        "bigbrother check system disk_space",
        "bigbrother check ml -o json",
        "bigbrother check application --format nagios",
        "bigbrother check daily --report",
    ),
)(check)
app.command(
    "diagnose",
    epilog=examples(
        "bigbrother diagnose",
        "bigbrother diagnose high_latency --all",
        "bigbrother diagnose unit_down --within 5s -o json",
        "bigbrother diagnose --bundle diagnosis.tar.gz",
    ),
)(diagnose)
app.command("preflight", epilog=examples("bigbrother preflight"))(preflight)
app.command(
    "oncall",
    epilog=examples(
        "bigbrother oncall",
        "bigbrother oncall --at '2026-11-22 03:00' --zone America/Sao_Paulo -s critical",
    ),
)(oncall)
app.command(
    "run",
    epilog=examples(
        "bigbrother run",
        "bigbrother run face_analyzer --dry-run",
        "bigbrother run service_recovery.face_analyzer --yes --reason 'it hangs'",
        "bigbrother run 'scale resources' --yes --detach",
    ),
)(run)
app.add_typer(alerts.app, name="alerts")
app.add_typer(audit.app, name="audit")
app.add_typer(erasures.app, name="erasures")
app.add_typer(face.app, name="face")
app.add_typer(batch.app, name="batch")
app.add_typer(metrics.app, name="metrics")
app.add_typer(models.app, name="models")
app.add_typer(render.app, name="render")
app.add_typer(runbook.app, name="runbook")
app.add_typer(runs.app, name="runs")
app.add_typer(token.app, name="token")


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"bigbrother {__version__}")
        raise typer.Exit


@app.callback()
def root(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """A self-hosted face-analysis service that runs its own runbook."""


def main() -> None:
    """Runs one command; whatever happens ends in a line and an exit code, never a traceback."""
    try:
        app()
    except BigBrotherError as error:
        explain(error)
        sys.exit(exit_code(error))
    except OSError as error:
        explain_system_error(error)
        sys.exit(ExitCode.FAILED)
    except Exception as error:  # noqa: BLE001 - the last place where it can be told
        keep_traceback(error)
        sys.exit(ExitCode.FAILED)
