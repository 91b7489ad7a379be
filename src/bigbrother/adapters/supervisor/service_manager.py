"""supervisord behind `ports.service_manager.ServiceManager`: one private instance a home."""

import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from bigbrother.adapters.supervisor import log_files, processes
from bigbrother.adapters.supervisor.configuration import supervisord_conf, supervisord_environment
from bigbrother.adapters.supervisor.connection import Info, call
from bigbrother.kernel.clock import Clock
from bigbrother.ports.service_manager import (
    ProcessIdentity,
    ServiceManagerUnavailable,
    UnitFailed,
    UnitSpec,
    UnitState,
    UnitStatus,
    UnitUnknown,
)

_POLL_SECONDS = 0.05
_ANSWER_SECONDS = 5.0
_STATES = {
    "STOPPED": UnitState.STOPPED,
    "STARTING": UnitState.STARTING,
    "RUNNING": UnitState.RUNNING,
    "BACKOFF": UnitState.RESTARTING,
    "STOPPING": UnitState.STOPPING,
    "EXITED": UnitState.RESTARTING,
    "FATAL": UnitState.FAILED,
    "UNKNOWN": UnitState.FAILED,
}


class SupervisorManager:
    """`folder` (short, private, mode 0700) holds socket, pid and configuration."""

    def __init__(
        self,
        *,
        folder: Path,
        log: Path,
        units: Sequence[UnitSpec],
        environment: Mapping[str, str],
        clock: Clock,
    ) -> None:
        self._folder = folder
        self._log = log
        self._units = {unit.name: unit for unit in units}
        self._environment = environment
        self._clock = clock
        self._socket = folder / "sock"

    def is_running(self) -> bool:
        try:
            self._call("supervisor.getState")
        except ServiceManagerUnavailable:
            return False
        return True

    def launch(self) -> None:
        if self.is_running():
            return
        self._clear_away()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        units = list(self._units.values())
        configuration = self._folder / "supervisord.conf"
        configuration.write_text(
            supervisord_conf(units, user=pwd.getpwuid(os.geteuid()).pw_name), "ascii"
        )
        said = self._folder / "launch.log"
        with said.open("wb") as output:
            process = subprocess.Popen(
                (sys.executable, "-I", "-m", "supervisor.supervisord", "-c", str(configuration)),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env={
                    **self._environment,
                    **supervisord_environment(units, manager=self._folder, log=self._log),
                },
                umask=0o077,
                # Ctrl-C in the terminal is for `up`, which then stops everything in order.
                start_new_session=True,
            )
        deadline = self._deadline(max(unit.start_within_seconds for unit in units))
        while not self.is_running():
            if process.poll() is not None or self._clock.monotonic_seconds() > deadline:
                process.kill()
                raise UnitFailed(
                    f"The service manager did not start: {_first_line(said)}",
                    remedy=f"See {self._log / 'supervisord.log'}.",
                )
            time.sleep(_POLL_SECONDS)

    def shut_down(self) -> None:
        manager = self._manager_process()
        if manager is not None:
            try:
                self._call("supervisor.shutdown")
                manager.wait(self._stop_seconds())
            except (ServiceManagerUnavailable, UnitFailed, psutil.Error):
                pass  # It hangs, or is shutting down already; what remains is cleared away.
        self._clear_away()

    def start(self, unit: str) -> None:
        # In BACKOFF it is started again at once, and the manager would refuse to be asked for it.
        if self._info(unit)["statename"] in ("RUNNING", "STARTING", "BACKOFF"):
            return
        # Readiness is the caller's to judge: the manager only knows that the process lives.
        self._call("supervisor.startProcess", unit, False)

    def stop(self, unit: str) -> None:
        if self._info(unit)["statename"] in ("STOPPED", "FATAL"):
            return
        self._call(
            "supervisor.stopProcess",
            unit,
            timeout_seconds=self._units[unit].stop_within_seconds + _ANSWER_SECONDS,
        )

    def restart(self, unit: str) -> None:
        self.stop(unit)
        self.start(unit)

    def status(self) -> tuple[UnitStatus, ...]:
        try:
            known = {info["name"]: info for info in self._call("supervisor.getAllProcessInfo")}
        except ServiceManagerUnavailable:
            return self._status_without_manager()
        return tuple(_status(known[name]) for name in self._units if name in known)

    def processes(self) -> tuple[ProcessIdentity, ...]:
        found = processes.unit_processes(self._socket, self._units)
        return tuple(processes.identity(name, found[name]) for name in self._units if name in found)

    def log_place(self, unit: str) -> str:
        return str(self._log_file(unit))

    def tail_log(self, unit: str, lines: int) -> tuple[str, ...]:
        return log_files.tail(self._log_file(unit), lines)

    def tail_manager_log(self, unit: str, lines: int) -> tuple[str, ...]:
        self._log_file(unit)
        return log_files.tail(self._log / "supervisord.log", lines, about=unit)

    def follow_log(self, unit: str) -> Iterator[str]:
        return log_files.follow(self._log_file(unit))

    def _log_file(self, unit: str) -> Path:
        if unit not in self._units:
            raise UnitUnknown(
                f"There is no unit '{unit}'.", remedy=f"Name one of: {', '.join(self._units)}."
            )
        return self._log / f"{unit}.log"

    def _call(
        self, method: str, *arguments: object, timeout_seconds: float = _ANSWER_SECONDS
    ) -> Any:  # noqa: ANN401
        return call(self._socket, method, *arguments, timeout_seconds=timeout_seconds)

    def _info(self, unit: str) -> Info:
        info: Info = self._call("supervisor.getProcessInfo", unit)
        return info

    def _deadline(self, seconds: float) -> float:
        return self._clock.monotonic_seconds() + seconds

    def _stop_seconds(self) -> float:
        return sum(unit.stop_within_seconds for unit in self._units.values()) + _ANSWER_SECONDS

    def _manager_process(self) -> psutil.Process | None:
        """The supervisord of this folder, if its process lives, whether it answers or not."""
        try:
            process = psutil.Process(int((self._folder / "pid").read_text("ascii")))
            ours = process.environ().get("BIGBROTHER_MANAGER") == str(self._folder)
        except (OSError, ValueError, psutil.Error):
            return None
        is_manager = ours and "SUPERVISOR_PROCESS_NAME" not in process.environ()
        return process if is_manager and processes.is_alive(process) else None

    def _clear_away(self) -> None:
        """Ends a manager that does not answer, then the units that no manager looks after."""
        manager = self._manager_process()
        if manager is not None:
            processes.stop(manager, signal.SIGTERM, self._stop_seconds())
        left = processes.unit_processes(self._socket, self._units)
        for name in reversed(self._units):
            if name in left:
                unit = self._units[name]
                number = signal.Signals[f"SIG{unit.stop_signal}"]
                processes.stop(left[name], number, unit.stop_within_seconds)
        for stale in (self._socket, self._folder / "pid"):
            stale.unlink(missing_ok=True)

    def _status_without_manager(self) -> tuple[UnitStatus, ...]:
        found = processes.unit_processes(self._socket, self._units)
        return tuple(
            UnitStatus(
                name,
                UnitState.UNMANAGED,
                found[name].pid,
                processes.identity(name, found[name]).started_at,
                "Its service manager is gone; `bigbrother up` puts this right.",
            )
            if name in found
            else UnitStatus(name, UnitState.STOPPED)
            for name in self._units
        )


def _status(info: Info) -> UnitStatus:
    state = _STATES[info["statename"]]
    began = info["stop"] if state in (UnitState.STOPPED, UnitState.FAILED) else info["start"]
    living = state in (UnitState.RUNNING, UnitState.STARTING, UnitState.STOPPING)
    return UnitStatus(
        name=info["name"],
        state=state,
        process_id=info["pid"] or None,
        since=datetime.fromtimestamp(began, tz=UTC) if began else None,
        reason="" if living else str(info["spawnerr"]),
    )


def _first_line(file: Path) -> str:
    lines = file.read_text("utf-8", "replace").strip().splitlines()
    return lines[0] if lines else "it said nothing."
