"""What is known of a service before its unit file is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from bigbrother.ports.service_manager import StopSignal


class Kind(StrEnum):
    """How systemd knows that a service is up; the values are its own words."""

    PREPARES = "oneshot"
    """It ends when it has done its work."""
    TELLS = "notify"
    """It says so itself, and says again and again that it lives."""
    RUNS = "exec"
    """Its program runs; `ready_command` waits until it also answers."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """What a service may do beyond computing; nothing of it by default."""

    writes: tuple[Path, ...] | None = ()
    """Where it may write; None leaves the whole file system open."""
    capabilities: tuple[str, ...] | None = ()
    """Root's powers that it keeps; None leaves all of them."""
    families: tuple[str, ...] = ("AF_UNIX",)
    """Kinds of sockets."""
    network: bool = False
    """Whether it reaches beyond its own machine's files and sockets in them."""
    processors: bool = False
    """Whether it computes on the machine's GPUs."""
    sees_processes: bool = False
    """Whether it sees the processes of other accounts."""


@dataclass(frozen=True, slots=True)
class Service:
    """One service. Times in seconds; a time to start of None is without end."""

    name: str
    description: str
    kind: Kind
    command: tuple[str, ...]
    after: tuple[str, ...] = ()
    """Services that are to be up before, and are started with it."""
    environment: Mapping[str, str] = field(default_factory=dict)
    sandbox: Sandbox = field(default_factory=Sandbox)
    ready_command: tuple[str, ...] = ()
    folder: Path = Path("/")
    user: str | None = None
    """None is root."""
    start_within_seconds: float | None = None
    stop_within_seconds: float = 0.0
    stop_signal: StopSignal = "TERM"
    restart_after_seconds: float = 0.0
    silent_for_seconds: float = 0.0
    open_files: int = 0
