"""The unit files of one home: what systemd runs, in which order, and what it lets each touch."""

from collections.abc import Sequence
from dataclasses import dataclass

from bigbrother.adapters.systemd import hardening
from bigbrother.adapters.systemd.commands import TARGET
from bigbrother.adapters.systemd.quoting import command, value, whole
from bigbrother.adapters.systemd.specification import Kind, Service

_ALIASES = {"bigbrother-face": "face_analyzer.service"}
"""The name by which the source calls the unit, so that its commands work word for word."""


@dataclass(frozen=True, slots=True)
class UnitFile:
    """One file to be."""

    name: str
    text: str


def unit_files(services: Sequence[Service]) -> tuple[UnitFile, ...]:
    """The target and a file a service, in the order of their start."""
    return (_target(services), *(_file(service) for service in services))


def _target(services: Sequence[Service]) -> UnitFile:
    aliased = [f"{each.name}.service" for each in services if each.name in _ALIASES]
    lines = [
        "[Unit]",
        "Description=Big Brother CNN: face analysis that runs its own runbook",
        f"Wants={' '.join(f'{each.name}.service' for each in services)}",
        "[Install]",
        "WantedBy=multi-user.target",
        f"Also={' '.join(aliased)}",
    ]
    return UnitFile(TARGET, "\n".join(lines) + "\n")


def _file(service: Service) -> UnitFile:
    sections = [_unit(service), _service(service), _install(service)]
    text = "\n".join(line for section in sections for line in section)
    return UnitFile(f"{service.name}.service", f"{text}\n")


def _unit(service: Service) -> list[str]:
    needed = " ".join(f"{name}.service" for name in service.after)
    network = " network.target" if service.kind is not Kind.PREPARES else ""
    lines = [
        "[Unit]",
        f"Description=Big Brother CNN: {service.description}",
        f"After={needed}{network}".rstrip() if needed else "After=local-fs.target",
        f"PartOf={TARGET}",
        # It never gives a unit up: what keeps it from starting may go, and the watcher tells of it.
        "StartLimitIntervalSec=0",
    ]
    if needed:
        # Wanted, not required: who needs the other waits for it, and outlives its restarts.
        lines.insert(2, f"Wants={needed}")
    return lines


def _service(service: Service) -> list[str]:
    lines = [
        "[Service]",
        f"Type={service.kind.value}",
        *(f"Environment={value(f'{name}={text}')}" for name, text in service.environment.items()),
        f"ExecStart={command(_command(service))}",
    ]
    if service.ready_command:
        # The dash: a program that is not ready in time runs on all the same.
        lines.append(f"ExecStartPost=-{command(service.ready_command)}")
    if service.kind is Kind.PREPARES:
        lines += ["RemainAfterExit=yes", "TimeoutStartSec=infinity", "Restart=on-failure"]
    else:
        lines += _keeping(service)
    lines += [
        f"RestartSec={service.restart_after_seconds:g}s",
        f"SyslogIdentifier={service.name}",
        # What lies in memory are faces: none of it may be left on a disk.
        "LimitCORE=0",
    ]
    if service.name in _ALIASES:
        lines.append(f"LogExtraFields=OBJECT_SYSTEMD_UNIT={_ALIASES[service.name]}")
    return lines + hardening.lines(service)


def _keeping(service: Service) -> list[str]:
    """How it is watched, started anew and ended."""
    lines = [
        f"WorkingDirectory={whole(str(service.folder))}",
        "Restart=always",
        f"TimeoutStartSec={_seconds(service.start_within_seconds)}",
        f"TimeoutStopSec={service.stop_within_seconds:g}s",
        # The process itself is asked to end; what it leaves behind is killed. What passes its log
        # on must not be, and ends by itself.
        f"KillMode={'control-group' if service.name in _ALIASES else 'mixed'}",
        f"KillSignal=SIG{service.stop_signal}",
        f"LimitNOFILE={service.open_files}",
        "UMask=0077",
    ]
    if service.user is not None:
        lines.append(f"User={service.user}")
    if service.kind is Kind.TELLS:
        lines += ["NotifyAccess=main", f"WatchdogSec={service.silent_for_seconds:g}s"]
    return lines


def _command(service: Service) -> tuple[str, ...]:
    """As it is, but where the log is to be found under an alias, too.

    `journalctl -u` knows a unit's real name alone, and other names only where root gave them;
    journald goes by the account of whoever opened the line to it. The service becomes another
    account: so what it writes goes through a process that stays root, and ends when it has.
    """
    if service.name not in _ALIASES:
        return service.command
    relay = f"trap '' TERM ABRT; exec systemd-cat --identifier={service.name}"
    return ("/bin/bash", "-c", f'exec "$0" "$@" > >({relay}) 2>&1', *service.command)


def _seconds(seconds: float | None) -> str:
    return "infinity" if seconds is None else f"{seconds:g}s"


def _install(service: Service) -> list[str]:
    if service.name not in _ALIASES:
        return []
    return ["[Install]", f"Alias={_ALIASES[service.name]}"]
