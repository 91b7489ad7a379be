"""What the machine tells, where it tells little."""

import os
from pathlib import Path

import psutil
import pytest

from bigbrother.adapters.host import SystemHost
from bigbrother.ports.host import HostUnreadable


def test_a_machine_without_a_gpu_or_its_driver_has_none() -> None:
    if Path("/proc/driver/nvidia").exists():
        pytest.skip("this machine has one")
    assert SystemHost().gpus() == ()


def test_a_kernel_that_does_not_tell_is_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise PermissionError(13, "Permission denied", "/proc/meminfo")

    monkeypatch.setattr(psutil, "virtual_memory", refuse)
    with pytest.raises(HostUnreadable, match="memory"):
        SystemHost().memory()


def container(folder: Path, files: dict[str, str]) -> SystemHost:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return SystemHost(folder)


STAT = "anon 5\ninactive_file 100\ntotal_inactive_file 100\n"


@pytest.mark.parametrize(
    "files",
    [
        {"memory.max": "1000\n", "memory.current": "600\n", "memory.stat": STAT},
        {
            "memory/memory.limit_in_bytes": "1000",
            "memory/memory.usage_in_bytes": "600",
            "memory/memory.stat": STAT,
        },
    ],
    ids=["cgroup 2", "cgroup 1"],
)
def test_a_container_s_memory_is_its_share_without_the_cache(
    tmp_path: Path, files: dict[str, str]
) -> None:
    found = container(tmp_path, files).memory()
    assert (found.total_bytes, found.used_bytes) == (1000, 500)


@pytest.mark.parametrize("limit", ["max", "9223372036854771712", "", "0"])
def test_a_container_without_a_limit_has_the_machine_s_memory(tmp_path: Path, limit: str) -> None:
    files = {"memory.max": limit, "memory.current": "600", "memory.stat": STAT}
    found = container(tmp_path, files).memory()
    assert found.total_bytes == psutil.virtual_memory().total
    assert 0 < found.used_bytes < found.total_bytes


def test_a_folder_that_is_not_there_yet_counts_on_the_disk_where_it_would_be(
    tmp_path: Path,
) -> None:
    (found,) = SystemHost().mounts([tmp_path, tmp_path / "not" / "yet"])
    assert found.holds == (tmp_path, tmp_path)
    assert os.path.ismount(found.point)
    assert 0 <= found.inodes_used_ratio <= 1
    figures = os.statvfs(tmp_path)
    assert found.total_bytes == figures.f_blocks * figures.f_frsize


def test_each_file_system_is_told_once(tmp_path: Path) -> None:
    found = SystemHost().mounts([tmp_path, Path("/proc"), tmp_path])
    assert len(found) == 2
    assert found[1].point == Path("/proc")


def test_the_processors_are_a_share_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bigbrother.adapters.host._FIRST_LOOK_SECONDS", 0.05)
    host = SystemHost()
    first = host.cpu_busy_ratio()
    assert 0 <= first <= 1
    assert 0 <= host.cpu_busy_ratio() <= 1


def test_this_process_holds_some_memory() -> None:
    assert SystemHost().own_memory_bytes() > 1_000_000
