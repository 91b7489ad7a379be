"""The machine as psutil and NVIDIA's library tell of it."""

import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from bigbrother.ports.host import Gpu, HostUnreadable, Memory, Mount

_FIRST_LOOK_SECONDS = 0.5
_CGROUP = Path("/sys/fs/cgroup")
_REMEDY = "See whether /proc and /sys can be read by the account that the watcher runs as."


class SystemHost:
    """This machine; threads may share it."""

    def __init__(self, cgroup: Path = _CGROUP) -> None:
        """`cgroup` is where the container's limits stand, if this is a container."""
        self._cgroup = cgroup
        self._lock = threading.Lock()
        self._times: tuple[float, float] | None = None
        self._busy_ratio = 0.0

    def cpu_busy_ratio(self) -> float:
        with self._lock:
            try:
                if self._times is None:
                    self._times = _cpu_times()
                    time.sleep(_FIRST_LOOK_SECONDS)
                now = _cpu_times()
            except (OSError, psutil.Error) as error:
                raise _unreadable("processors", error) from error
            busy, total = now[0] - self._times[0], now[1] - self._times[1]
            # Two looks within one tick of the kernel's clock: nothing new is known.
            if total > 0:
                self._busy_ratio = min(1.0, max(0.0, busy / total))
                self._times = now
            return self._busy_ratio

    def memory(self) -> Memory:
        try:
            found = psutil.virtual_memory()
        except (OSError, psutil.Error) as error:
            raise _unreadable("memory", error) from error
        share = _container_memory(self._cgroup)
        if share is not None and share.total_bytes < found.total:
            return share
        return Memory(found.total, found.total - found.available)

    def mounts(self, folders: Sequence[Path]) -> tuple[Mount, ...]:
        try:
            held: dict[int, list[Path]] = {}
            for folder in folders:
                there = _nearest(folder)
                held.setdefault(there.stat().st_dev, []).append(there)
            devices = _devices()
            return tuple(_mount(places, devices) for places in held.values())
        except (OSError, psutil.Error) as error:
            raise _unreadable("disks", error) from error

    def gpus(self) -> tuple[Gpu, ...]:
        # A machine without NVIDIA's driver has no library to load; the module costs memory.
        import pynvml  # type: ignore[import-untyped]  # noqa: PLC0415

        try:
            pynvml.nvmlInit()
        except pynvml.NVMLError:
            return ()
        try:
            return tuple(_gpu(number) for number in range(pynvml.nvmlDeviceGetCount()))
        except pynvml.NVMLError as error:
            raise HostUnreadable(
                f"The GPU driver does not tell: {error}.", remedy="See `nvidia-smi`."
            ) from error
        finally:
            pynvml.nvmlShutdown()

    def own_memory_bytes(self) -> int:
        try:
            return int(psutil.Process().memory_info().rss)
        except (OSError, psutil.Error) as error:
            raise _unreadable("memory", error) from error


def _cpu_times() -> tuple[float, float]:
    """Busy and all seconds of all processors since the machine's start."""
    times = psutil.cpu_times()
    # Linux counts what guests use within user and nice, too.
    total = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
    return total - times.idle - getattr(times, "iowait", 0.0), total


def _container_memory(cgroup: Path) -> Memory | None:
    """The container's share, of cgroup version 2 or 1; None where it has no limit."""
    for limit, usage, inactive in (
        ("memory.max", "memory.current", "inactive_file"),
        (
            "memory/memory.limit_in_bytes",
            "memory/memory.usage_in_bytes",
            "total_inactive_file",
        ),
    ):
        try:
            total_bytes = int((cgroup / limit).read_text())
            used_bytes = int((cgroup / usage).read_text())
            stat = (cgroup / usage).with_name("memory.stat").read_text()
        except (OSError, ValueError):
            continue
        figures = dict(line.split(" ", 1) for line in stat.splitlines() if " " in line)
        given_back = int(figures.get(inactive, 0))
        return Memory(total_bytes, max(0, used_bytes - given_back)) if total_bytes else None
    return None


def _nearest(folder: Path) -> Path:
    """The folder, or the one above that exists: what would be written there lands on its disk."""
    folder = folder.absolute()
    return next(place for place in (folder, *folder.parents) if place.exists())


def _devices() -> dict[str, str]:
    return {part.mountpoint: part.device for part in psutil.disk_partitions(all=True)}


def _mount(places: list[Path], devices: dict[str, str]) -> Mount:
    point = places[0].resolve()
    while not os.path.ismount(point):
        point = point.parent
    figures = os.statvfs(places[0])
    used_bytes = (figures.f_blocks - figures.f_bfree) * figures.f_frsize
    inodes_used = figures.f_files - figures.f_ffree
    return Mount(
        point=point,
        device=devices.get(str(point), ""),
        total_bytes=figures.f_blocks * figures.f_frsize,
        used_bytes=used_bytes,
        free_bytes=figures.f_bavail * figures.f_frsize,
        # Some file systems make inodes as they need them and tell of none.
        inodes_used_ratio=inodes_used / figures.f_files if figures.f_files else 0.0,
        holds=tuple(places),
    )


def _gpu(number: int) -> Gpu:
    import pynvml  # noqa: PLC0415

    handle = pynvml.nvmlDeviceGetHandleByIndex(number)
    memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
    name = pynvml.nvmlDeviceGetName(handle)
    return Gpu(
        name=name if isinstance(name, str) else name.decode("utf-8", "replace"),
        busy_ratio=pynvml.nvmlDeviceGetUtilizationRates(handle).gpu / 100,
        memory_used_ratio=memory.used / memory.total,
    )


def _unreadable(what: str, error: Exception) -> HostUnreadable:
    return HostUnreadable(f"The machine does not tell of its {what}: {error}.", remedy=_REMEDY)
