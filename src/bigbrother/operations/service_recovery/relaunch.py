"""A service manager that is gone is brought back, with all of its units."""

import subprocess
import sys
from pathlib import Path

from bigbrother.operations.procedures.action import StepContext
from bigbrother.operations.procedures.outcome import StepFailed
from bigbrother.operations.service_recovery.waiting import pause

_SAID_LINES = 3


def relaunch(context: StepContext) -> None:
    """Runs `bigbrother up --detach` apart from this process, and waits for its end.

    Bringing the manager back ends the units that the old one left behind, the watcher that drives
    this step perhaps among them; what brings it back must outlive that. Raises StepFailed.
    """
    services = context.services
    said = services.settings.runtime / "relaunch.log"
    context.journal.say("Bringing the service manager back: bigbrother up --detach")
    with said.open("wb") as output:
        process = subprocess.Popen(
            (sys.executable, "-I", "-c", _COMMAND, "up", "--detach"),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            start_new_session=True,
        )
    while process.poll() is None:
        pause()
    lines = _last_lines(said)
    if process.returncode != 0:
        raise StepFailed(
            f"The service manager could not be brought back: {' '.join(lines)}",
            remedy="Run it yourself and see: bigbrother up --detach.",
        )


_COMMAND = "from bigbrother.entrypoints.cli.main import main; main()"


def _last_lines(file: Path) -> list[str]:
    try:
        lines = file.read_text("utf-8", "replace").strip().splitlines()
    except OSError:
        return []
    return [line.strip() for line in lines[-_SAID_LINES:]]
