"""The units' processes as the system shows them, with or without a supervisord above them.

A process is a unit's when its whole command line is the one that this home gave the unit, or when
its environment carries the mark that supervisord gives each child: its own socket and the unit's
name. Both are this home's own, unlike a process name, and there from the first instant, unlike a
file that records process ids. A container may forbid root to look into the environment of another
account's process; a release may have changed the command line: each covers for the other.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import psutil

from bigbrother.ports.service_manager import ProcessIdentity, UnitSpec


def unit_processes(socket: Path, units: Mapping[str, UnitSpec]) -> dict[str, psutil.Process]:
    """The main process of each unit that runs, or ran, under the manager with this socket."""
    found: dict[str, psutil.Process] = {}
    for process in psutil.process_iter():
        try:
            unit = _by_command(process, units) or _by_mark(process, socket)
            if unit not in units or _in_a_container(process.pid):
                continue
            # A unit's own children carry the mark too; its main process is the oldest.
            if unit not in found or process.create_time() < found[unit].create_time():
                found[unit] = process
        except (psutil.Error, OSError):
            continue
    return found


def _by_command(process: psutil.Process, units: Mapping[str, UnitSpec]) -> str | None:
    command = tuple(process.cmdline())
    return next((name for name, unit in units.items() if unit.command == command), None)


def _by_mark(process: psutil.Process, socket: Path) -> str:
    environment = process.environ()
    if environment.get("SUPERVISOR_SERVER_URL") != f"unix://{socket}":
        return ""
    return environment.get("SUPERVISOR_PROCESS_NAME", "")


def _in_a_container(process_id: int) -> bool:
    """Whether it lives in a container that this system merely hosts.

    Such a process may name the very same paths, and they are not ours. Source: proc(5), NSpid.
    """
    return _nested_ids(str(process_id)) > _nested_ids("self")


def _nested_ids(process: str) -> int:
    try:
        lines = Path("/proc", process, "status").read_text("ascii", "replace").splitlines()
    except OSError:
        return 1  # No such file outside Linux, where there are no such containers either.
    return next((len(line.split()) - 1 for line in lines if line.startswith("NSpid:")), 1)


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
