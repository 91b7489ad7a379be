"""The private supervisord.conf of one home, written anew at each launch.

Paths and commands reach supervisord through its environment: its own syntax would trip over
`%`, `;` and `#` in a folder's name.
"""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from bigbrother.ports.service_manager import UnitSpec

# supervisord counts failed starts in seconds of backoff, so this is years of trying.
_START_RETRIES = 1_000_000_000
_SECONDS_UP_BEFORE_RUNNING = 1


def supervisord_conf(units: Sequence[UnitSpec], *, user: str) -> str:
    """The whole file. `user` is the account supervisord itself runs as."""
    parts = [
        "; Written by bigbrother at each launch; changes made here are lost.",
        "[unix_http_server]",
        "file = %(ENV_BIGBROTHER_MANAGER)s/sock",
        "chmod = 0700",
        "[supervisord]",
        "nodaemon = true",
        "silent = true",
        "logfile = %(ENV_BIGBROTHER_LOG)s/supervisord.log",
        "loglevel = info",
        f"logfile_maxbytes = {max((unit.log_bytes for unit in units), default=0)}",
        f"logfile_backups = {max((unit.log_files for unit in units), default=0)}",
        "pidfile = %(ENV_BIGBROTHER_MANAGER)s/pid",
        "strip_ansi = false",
        "nocleanup = true",
        f"user = {user}",
        "[rpcinterface:supervisor]",
        "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface",
    ]
    for number, unit in enumerate(units):
        parts += _program(number, unit)
    return "\n".join(parts) + "\n"


def _program(number: int, unit: UnitSpec) -> list[str]:
    lines = [
        f"[program:{unit.name}]",
        f"command = %(ENV_{_command(number)})s",
        f"directory = %(ENV_{_folder(number)})s",
        f"priority = {number + 1}",
        "autostart = false",
        "autorestart = true",
        f"startsecs = {_SECONDS_UP_BEFORE_RUNNING}",
        f"startretries = {_START_RETRIES}",
        f"stopsignal = {unit.stop_signal}",
        f"stopwaitsecs = {max(1, round(unit.stop_within_seconds))}",
        "stopasgroup = true",
        "redirect_stderr = true",
        f"stdout_logfile = %(ENV_BIGBROTHER_UNIT_LOG)s/{unit.name}.log",
        f"stdout_logfile_maxbytes = {unit.log_bytes}",
        f"stdout_logfile_backups = {unit.log_files}",
    ]
    if unit.user is not None:
        lines.append(f"user = {unit.user}")
    return lines


def supervisord_environment(
    units: Sequence[UnitSpec], *, manager: Path, log: Path
) -> Mapping[str, str]:
    """What `supervisord_conf` refers to, and what the units themselves ask for."""
    environment = {
        "BIGBROTHER_MANAGER": str(manager),
        "BIGBROTHER_LOG": str(log),
        # supervisord expands this one option twice.
        "BIGBROTHER_UNIT_LOG": str(log).replace("%", "%%"),
    }
    for number, unit in enumerate(units):
        environment[_command(number)] = shlex.join(unit.command)
        environment[_folder(number)] = str(unit.folder)
        environment |= unit.environment
    return environment


def _command(number: int) -> str:
    return f"BIGBROTHER_COMMAND_{number}"


def _folder(number: int) -> str:
    return f"BIGBROTHER_FOLDER_{number}"
