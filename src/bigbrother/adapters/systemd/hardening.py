"""What systemd keeps a service from. Source: systemd.exec(5)."""

from bigbrother.adapters.systemd.quoting import value
from bigbrother.adapters.systemd.specification import Sandbox, Service

_ALWAYS = (
    "NoNewPrivileges=yes",
    "PrivateTmp=yes",
    "ProtectClock=yes",
    "ProtectControlGroups=yes",
    "ProtectHostname=yes",
    "ProtectKernelLogs=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelTunables=yes",
    "LockPersonality=yes",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "SystemCallArchitectures=native",
    "SystemCallFilter=@system-service",
    "SystemCallErrorNumber=EPERM",
)


def lines(service: Service) -> list[str]:
    """The settings of the section [Service]."""
    sandbox = service.sandbox
    found = [*_ALWAYS, *_devices(sandbox), *_network(sandbox)]
    if sandbox.capabilities is not None:
        found.append(f"CapabilityBoundingSet={' '.join(sandbox.capabilities)}")
    if not sandbox.sees_processes:
        found.append("ProtectProc=invisible")
    if sandbox.writes is not None:
        found += ["ProtectSystem=strict", "ProtectHome=read-only"]
        found += [f"ReadWritePaths={value(str(folder))}" for folder in sandbox.writes]
    return found


def _devices(sandbox: Sandbox) -> list[str]:
    if sandbox.processors:
        return ["DevicePolicy=closed", "DeviceAllow=char-nvidia* rw"]
    return ["PrivateDevices=yes"]


def _network(sandbox: Sandbox) -> list[str]:
    found = [f"RestrictAddressFamilies={' '.join(sandbox.families)}"]
    return found if sandbox.network else [*found, "PrivateNetwork=yes"]
