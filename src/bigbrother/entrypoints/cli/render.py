"""`bigbrother render`: the document in the words of Prometheus, Alertmanager and systemd."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bigbrother.entrypoints.cli.exits import explains_errors
from bigbrother.entrypoints.cli.output import (
    Format,
    OutputOption,
    examples,
    print_json,
    say,
    shown_path,
)
from bigbrother.runbook.load import load_runbook
from bigbrother.settings import Settings, load_settings

if TYPE_CHECKING:
    from bigbrother.operations.alerts.prometheus.rendered import RenderedFile

app = typer.Typer(
    help="Write configuration for Prometheus, Alertmanager and systemd from the document.",
    no_args_is_help=True,
)

FolderArgument = Annotated[
    Path, typer.Argument(metavar="DIR", help="Where the files go; made if it is not there.")
]
ForceOption = Annotated[
    bool,
    typer.Option("--force", help="Write over files that this command did not write."),
]


@app.command(
    "prometheus",
    epilog=examples(
        "bigbrother render prometheus /etc/prometheus/bigbrother",
        "bigbrother render prometheus rules/ --alertmanager 127.0.0.1:8090",
    ),
)
@explains_errors
def prometheus(
    folder: FolderArgument,
    *,
    alertmanager: Annotated[
        str,
        typer.Option(
            "--alertmanager",
            metavar="HOST:PORT",
            help="Whom Prometheus tells of alerts: an Alertmanager, or the watcher itself.",
        ),
    ] = "127.0.0.1:9093",
    force: ForceOption = False,
    output: OutputOption = Format.TABLE,
) -> None:
    """Writes scrape configuration, rules, and the rules' own tests for promtool."""
    # Imported here: other commands need not wait for it.
    from bigbrother.operations.alerts.prometheus.scraping import prometheus_files  # noqa: PLC0415

    settings = load_settings()
    runbook = load_runbook(settings.runbook_overlay)
    _write(
        prometheus_files(runbook, settings, alertmanager=alertmanager),
        folder,
        force=force,
        output=output,
    )


@app.command(
    "alertmanager",
    epilog=examples("bigbrother render alertmanager /etc/prometheus/bigbrother"),
)
@explains_errors
def alertmanager(
    folder: FolderArgument, *, force: ForceOption = False, output: OutputOption = Format.TABLE
) -> None:
    """Writes receivers, routes, inhibitions and mute times; secrets stay in their files."""
    from bigbrother.operations.alerts.prometheus.alertmanager import (  # noqa: PLC0415
        alertmanager_file,
    )

    settings = load_settings()
    runbook = load_runbook(settings.runbook_overlay)
    _write((alertmanager_file(runbook, settings),), folder, force=force, output=output)


@app.command(
    "systemd",
    epilog=examples(
        "bigbrother render systemd /etc/systemd/system",
        "bigbrother render systemd units/ --force",
    ),
)
@explains_errors
def systemd(
    folder: FolderArgument, *, force: ForceOption = False, output: OutputOption = Format.TABLE
) -> None:
    """Writes the unit files with which the machine's systemd keeps this home's units."""
    from bigbrother.operations.alerts.prometheus.rendered import RenderedFile  # noqa: PLC0415
    from bigbrother.wiring.systemd import systemd_unit_files  # noqa: PLC0415

    settings = load_settings()
    runbook = load_runbook(settings.runbook_overlay)
    files = [
        RenderedFile(file.name, "systemd", file.text)
        for file in systemd_unit_files(settings, runbook)
    ]
    _write(files, folder, force=force, output=output)
    if output is Format.TABLE:
        for line in _next_steps(settings):
            say(line)


def _next_steps(settings: Settings) -> Iterator[str]:
    if settings.service_manager != "systemd":
        file = settings.etc / "bigbrother.toml"
        yield f'Write service_manager = "systemd" into {file}, so that every command asks systemd.'
    yield "Then: systemctl daemon-reload && systemctl enable --now bigbrother.target"


def _write(files: "Sequence[RenderedFile]", folder: Path, *, force: bool, output: Format) -> None:
    from bigbrother.operations.alerts.prometheus.rendered import write  # noqa: PLC0415

    paths = [shown_path(path) for path in write(files, folder, force=force)]
    if output is Format.JSON:
        print_json({"files": paths, "notes": [note for file in files for note in file.notes]})
        return
    for path in paths:
        typer.echo(path)
    for file in files:
        for note in file.notes:
            say(note)
