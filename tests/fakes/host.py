"""A machine whose figures a test sets; nothing of the real one is looked at."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bigbrother.ports.host import Gpu, HostUnreadable, Memory, Mount


def mount(point: str = "/", *, used_ratio: float = 0.5, inodes_used_ratio: float = 0.1) -> Mount:
    """A mount of 100 GB."""
    total = 100_000_000_000
    used = round(total * used_ratio)
    return Mount(
        Path(point), "/dev/test", total, used, total - used, inodes_used_ratio, (Path(point),)
    )


@dataclass
class FakeHost:
    """Implements `ports.host.Host`."""

    cpu: float = 0.1
    memory_used_ratio: float = 0.2
    disks: tuple[Mount, ...] = field(default_factory=lambda: (mount(),))
    cards: tuple[Gpu, ...] = ()
    unreadable: bool = False
    asked_folders: tuple[Path, ...] = ()

    def cpu_busy_ratio(self) -> float:
        self._tell()
        return self.cpu

    def memory(self) -> Memory:
        self._tell()
        total = 8_000_000_000
        return Memory(total, round(total * self.memory_used_ratio))

    def mounts(self, folders: Sequence[Path]) -> tuple[Mount, ...]:
        self._tell()
        self.asked_folders = tuple(folders)
        return self.disks

    def gpus(self) -> tuple[Gpu, ...]:
        self._tell()
        return self.cards

    def own_memory_bytes(self) -> int:
        self._tell()
        return 50_000_000

    def _tell(self) -> None:
        if self.unreadable:
            raise HostUnreadable("The machine does not tell.", remedy="Mount /proc.")
