"""The units' processes as the system shows them, with or without a supervisord above them.

supervisord marks each child's environment with its own socket and the unit's name. The mark is
this home's own, unlike a process name, and it is there from the first instant, unlike a file
that records process ids.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import psutil

from bigbrother.ports.service_manager import ProcessIdentity


def marked_processes(socket: Path, units: Iterable[str]) -> dict[str, psutil.Process]:
    """The main process of each unit that runs under the manager with this socket."""
    server, names = f"unix://{socket}", set(units)
    found: dict[str, psutil.Process] = {}
    for process in psutil.process_iter():
        try:
            environment = process.environ()
            unit = environment.get("SUPERVISOR_PROCESS_NAME", "")
            if environment.get("SUPERVISOR_SERVER_URL") != server or unit not in names:
                continue
            # A unit's own children carry the mark too; its main process is the oldest.
            if unit not in found or process.create_time() < found[unit].create_time():
                found[unit] = process
        except (psutil.Error, OSError):
            continue
    return found


def identity(unit: str, process: psutil.Process) -> ProcessIdentity:
    """The process as the port names it."""
    return ProcessIdentity(unit, process.pid, datetime.fromtimestamp(process.create_time(), tz=UTC))


def is_alive(process: psutil.Process) -> bool:
    """Whether this very process still runs; one that only waits to be reaped does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def stop(process: psutil.Process, signal: int, within_seconds: float) -> None:
    """Asks it to end, waits, and kills it when its time is over.

    psutil compares the start time before each signal, so another process that was given the
    same number is never hit.
    """
    try:
        process.send_signal(signal)
        process.wait(within_seconds)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait(within_seconds)
    except psutil.NoSuchProcess:
        return
