"""The machine that the units run on: its processors, memory, disks and GPUs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bigbrother.kernel.errors import Unavailable


class HostUnreadable(Unavailable):
    """The machine does not tell."""

    code = "host-unreadable"
    title = "The machine's figures cannot be read"


@dataclass(frozen=True, slots=True)
class Memory:
    """Main memory, or a container's share of it."""

    total_bytes: int
    used_bytes: int
    """Without what the kernel gives back when it is asked for."""


@dataclass(frozen=True, slots=True)
class Mount:
    """A file system that holds data of ours."""

    point: Path
    device: str
    total_bytes: int
    used_bytes: int
    free_bytes: int
    """What is left for our account."""
    inodes_used_ratio: float
    holds: tuple[Path, ...]
    """Our folders on it."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """One GPU."""

    name: str
    busy_ratio: float
    memory_used_ratio: float


class Host(Protocol):
    """Raises HostUnreadable."""

    def cpu_busy_ratio(self) -> float:
        """Share of all processors' time that was used since the call before; the first call
        looks for a moment."""
        ...

    def memory(self) -> Memory:
        """Main memory now."""
        ...

    def mounts(self, folders: Sequence[Path]) -> tuple[Mount, ...]:
        """The file systems that hold these folders, each once."""
        ...

    def gpus(self) -> tuple[Gpu, ...]:
        """Every GPU; none where there is none, or no driver."""
        ...

    def own_memory_bytes(self) -> int:
        """Resident memory of this process."""
        ...
