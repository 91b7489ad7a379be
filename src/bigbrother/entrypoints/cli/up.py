"""`bigbrother up`: from whatever is there to a service that recognises a face."""

import signal
import time
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from bigbrother.entrypoints.cli.exits import explains_errors
from bigbrother.entrypoints.cli.output import print_record, print_table, say
from bigbrother.entrypoints.cli.reporter import reporter
from bigbrother.settings import running_address

if TYPE_CHECKING:
    from bigbrother.installation.bring_up import Installation, Reporter
    from bigbrother.installation.sample_road import SampleResult

_WATCH_SECONDS = 0.5
_INTERRUPTED = 128 + signal.SIGINT
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@explains_errors
def up(
    *,
    detach: Annotated[
        bool, typer.Option("--detach", "-d", help="Return once everything runs.")
    ] = False,
) -> None:
    """Starts everything, proves it on a sample photograph, and stays until Ctrl-C.

    Where systemd keeps the units it does not stay: they outlive the terminal anyway.

    What is there already is reused. Where it runs already it is checked and left running.
    """
    # Imported here: other commands need not wait for the database's driver.
    from bigbrother.installation.bring_up import bring_up  # noqa: PLC0415
    from bigbrother.wiring import installation as wire_installation  # noqa: PLC0415

    installation = wire_installation()
    _stop_on_signals()
    report = reporter()
    was_running = installation.manager.is_running()
    try:
        result = bring_up(installation, report)
    except KeyboardInterrupt:
        say("Interrupted; what was started is stopped again, nothing is lost.")
        raise typer.Exit(_INTERRUPTED) from None
    _print_summary(installation, result)
    if was_running:
        say("It was running already and stays so; `bigbrother down` stops it.")
    elif installation.settings.service_manager == "systemd":
        say("systemd keeps it running; `bigbrother down` stops it.")
    elif detach:
        say("It runs in the background; `bigbrother down` stops it.")
    else:
        say("Press Ctrl-C to stop everything.")
        _stay(installation, report)


def _stay(installation: "Installation", report: "Reporter") -> None:
    """Until somebody stops the installation, here or elsewhere; tells what happens to units."""
    from bigbrother.installation.bring_up import bring_up, take_down  # noqa: PLC0415

    processes: dict[str, int | None] = {}
    try:
        while True:
            if not installation.manager.is_running():
                if not running_address(installation.settings.runtime):
                    say("Stopped by another command.")
                    return
                say("The service manager was killed; starting it again.")
                bring_up(installation, report)
                processes.clear()
            for status in installation.manager.status():
                if status.process_id is None:
                    continue
                before = processes.setdefault(status.name, status.process_id)
                if before != status.process_id:
                    say(f"{status.name} died and was started again.")
                    processes[status.name] = status.process_id
            time.sleep(_WATCH_SECONDS)
    except KeyboardInterrupt:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        take_down(installation, report)
        say("All units are stopped; nothing is lost.")


def _stop_on_signals() -> None:
    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    for number in _SIGNALS:
        signal.signal(number, interrupt)


def _print_summary(installation: "Installation", result: "SampleResult") -> None:
    settings, box = installation.settings, result.box
    typer.echo("")
    print_table(
        ("SAMPLE PHOTOGRAPH", "FOUND"),
        (
            (
                "face",
                f"{box.width:.0f} x {box.height:.0f} pixels at {box.x:.0f}, {box.y:.0f}",
            ),
            ("quality", f"{result.quality:.2f}"),
            ("recognised as", result.subject),
            ("similarity", f"{result.similarity:.3f} (threshold {result.threshold:.3f})"),
            ("model", result.model),
            ("analysed in", f"{result.analyze_seconds * 1000:.0f} ms"),
            ("identified in", f"{result.identify_seconds * 1000:.0f} ms"),
        ),
    )
    typer.echo("")
    print_record(
        (
            ("service", settings.face_url),
            ("API documentation", f"{settings.face_url}/api/docs"),
            ("health", f"{settings.face_url}/health"),
            ("metrics", f"{settings.face_url}/metrics"),
            ("home", settings.home),
            ("watcher", settings.ops_url),
            ("credential", f"{settings.admin_token_file} (administrator; the commands read it)"),
        )
    )
    typer.echo("")
