"""The home's units as systemd is to run them."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from bigbrother.adapters.clock import SystemClock
from bigbrother.adapters.systemd.specification import Kind, Sandbox, Service
from bigbrother.adapters.systemd.unit_files import UnitFile, unit_files
from bigbrother.installation.accounts import SYSTEM_ACCOUNTS
from bigbrother.installation.bring_up import DATABASE_UNIT, FACE_UNIT, OPS_UNIT, WORKER_UNIT
from bigbrother.kernel.errors import InvalidInput
from bigbrother.ports.service_manager import UnitSpec
from bigbrother.runbook.model import Runbook
from bigbrother.settings import Settings
from bigbrother.wiring import database_server, python, unit_specs

HOME_UNIT = "bigbrother-home"
SCHEMA_UNIT = "bigbrother-schema"
_HIDDEN_FOLDERS = ("/tmp", "/var/tmp")  # noqa: S108 - those that PrivateTmp= replaces
_REFUSED_LETTERS = "\"'\\"
_INTERNET = ("AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK")
_PRIVILEGED_PORTS = 1024
_DESCRIPTIONS = {
    DATABASE_UNIT: "database",
    FACE_UNIT: "face analyzer",
    WORKER_UNIT: "batch worker",
    OPS_UNIT: "watcher",
}
_AFTER = {
    DATABASE_UNIT: HOME_UNIT,
    FACE_UNIT: SCHEMA_UNIT,
    WORKER_UNIT: SCHEMA_UNIT,
    # The watcher comes last and leaves first: what starts or is taken down on purpose pages nobody.
    OPS_UNIT: FACE_UNIT,
}
# The watcher acts on what belongs to the other accounts, and looks at every process.
_OPS_POWERS = (
    *("CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_KILL"),
    *("CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID", "CAP_SYS_NICE", "CAP_SYS_PTRACE"),
)


class NotForSystemd(InvalidInput):
    """The settings cannot be handed to systemd as they are."""

    code: ClassVar[str] = "not-for-systemd"
    title: ClassVar[str] = "The settings do not fit systemd"


def systemd_unit_files(
    settings: Settings, runbook: Runbook, caller: Mapping[str, str] = os.environ
) -> tuple[UnitFile, ...]:
    """All unit files of this home, which root runs. Raises NotForSystemd."""
    _refuse(settings, caller)
    environment = _environment(settings, caller)
    server = database_server(settings, SYSTEM_ACCOUNTS, SystemClock())
    specs = unit_specs(settings, runbook, SYSTEM_ACCOUNTS, server)
    services = [_home(settings), *(_service(spec, settings, runbook) for spec in specs)]
    services.insert(
        # Straight after the database, where that is ours.
        1 if server is None else 2,
        _schema(settings, HOME_UNIT if server is None else DATABASE_UNIT),
    )
    restart_after_seconds = runbook.service_management.restart_after.value
    return unit_files(
        [
            replace(each, environment=environment, restart_after_seconds=restart_after_seconds)
            for each in services
        ]
    )


def _refuse(settings: Settings, caller: Mapping[str, str]) -> None:
    for folder in (settings.home, settings.runtime):
        if any(letter in _REFUSED_LETTERS for letter in str(folder)):
            raise NotForSystemd(
                f"systemd runs no program below {folder}: quotes and backslashes are not for it.",
                remedy="Set BIGBROTHER_HOME and BIGBROTHER_RUNTIME to folders without them.",
            )
        if any(folder.is_relative_to(hidden) for hidden in _HIDDEN_FOLDERS):
            raise NotForSystemd(
                f"{folder} lies where systemd gives each unit a folder of its own.",
                remedy="Set BIGBROTHER_HOME and BIGBROTHER_RUNTIME to folders outside of /tmp.",
            )
    if caller.get("BIGBROTHER_DSN"):
        raise NotForSystemd(
            "BIGBROTHER_DSN may hold a password, and everybody may read unit files.",
            remedy=f"Write it as 'dsn' into {settings.etc / 'bigbrother.toml'} (mode 0600) and "
            "unset the variable.",
        )


def _environment(settings: Settings, caller: Mapping[str, str]) -> Mapping[str, str]:
    """Where the home is, and what the caller chose by environment; files say the rest."""
    chosen = {
        f"BIGBROTHER_{name.upper()}": caller[f"BIGBROTHER_{name.upper()}"]
        for name in Settings.model_fields
        if caller.get(f"BIGBROTHER_{name.upper()}")
    }
    return {
        **chosen,
        "BIGBROTHER_HOME": str(settings.home),
        "BIGBROTHER_RUNTIME": str(settings.runtime),
        "BIGBROTHER_SERVICE_MANAGER": "systemd",
        "PYTHONUNBUFFERED": "1",
    }


def _home(settings: Settings) -> Service:
    return Service(
        name=HOME_UNIT,
        description="folders and accounts",
        kind=Kind.PREPARES,
        command=_prepare(settings, "home"),
        # It makes accounts, and whole folders wherever the settings say.
        sandbox=Sandbox(writes=None, capabilities=None, sees_processes=True),
    )


def _schema(settings: Settings, after: str) -> Service:
    return Service(
        name=SCHEMA_UNIT,
        description="schema, model version and credential",
        kind=Kind.PREPARES,
        command=_prepare(settings, "schema"),
        after=(after,),
        sandbox=Sandbox(
            writes=(settings.home, settings.runtime),
            capabilities=("CAP_DAC_READ_SEARCH",),
            families=_INTERNET,
            network=True,
        ),
    )


def _prepare(settings: Settings, part: str) -> tuple[str, ...]:
    return (*python(settings), "-m", "bigbrother.entrypoints.prepare", part)


def _service(spec: UnitSpec, settings: Settings, runbook: Runbook) -> Service:
    figures = runbook.service_management
    database = spec.name == DATABASE_UNIT
    return Service(
        name=spec.name,
        description=_DESCRIPTIONS[spec.name],
        kind=Kind.RUNS if database else Kind.TELLS,
        command=spec.command,
        after=(_AFTER[spec.name],),
        sandbox=_SANDBOXES[spec.name](settings),
        ready_command=_answers(spec, settings) if database else (),
        folder=spec.folder,
        user=spec.user,
        # A database that is killed while it recovers from a crash begins again.
        start_within_seconds=None if database else spec.start_within_seconds,
        stop_within_seconds=spec.stop_within_seconds,
        stop_signal=spec.stop_signal,
        silent_for_seconds=figures.silent_for.value,
        open_files=figures.open_files,
    )


def _answers(spec: UnitSpec, settings: Settings) -> tuple[str, ...]:
    """Waits until the server takes connections: the wheel's does not tell systemd itself.

    Not for ever: while it recovers for long, the watcher is to start and tell of it.
    """
    asks = Path(spec.command[0]).with_name("pg_isready")
    loop = 'until "$0" -q -h "$1"; do sleep 0.05; done'
    within = f"{spec.start_within_seconds:g}"
    waits = ("/bin/sh", "-c", loop, str(asks), str(settings.runtime / "db"))
    return ("/usr/bin/timeout", within, *waits)


def _database_sandbox(settings: Settings) -> Sandbox:
    return Sandbox(writes=(settings.data / "postgres", settings.runtime / "db"))


def _face_sandbox(settings: Settings) -> Sandbox:
    # It loads what only root may read, and then becomes another account.
    powers = ["CAP_DAC_READ_SEARCH", "CAP_SETGID", "CAP_SETUID"]
    if settings.port < _PRIVILEGED_PORTS:
        powers.append("CAP_NET_BIND_SERVICE")
    return Sandbox(
        writes=(settings.spool, settings.ledger),
        capabilities=tuple(powers),
        families=_INTERNET,
        network=True,
        processors=True,
    )


def _ops_sandbox(settings: Settings) -> Sandbox:
    return Sandbox(
        writes=(settings.home, settings.runtime),
        capabilities=_OPS_POWERS,
        families=_INTERNET,
        network=True,
        processors=True,
        sees_processes=True,
    )


_SANDBOXES = {
    DATABASE_UNIT: _database_sandbox,
    FACE_UNIT: _face_sandbox,
    WORKER_UNIT: _face_sandbox,
    OPS_UNIT: _ops_sandbox,
}
