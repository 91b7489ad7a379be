"""cpu_usage, memory_usage, disk_space and gpu_usage."""

import pytest

from bigbrother.kernel.status import Status
from bigbrother.ports.host import Gpu
from tests.fakes.host import mount
from tests.unit.operations.checks.installation import Installation, changed


@pytest.mark.parametrize("name", ["cpu_usage", "memory_usage", "disk_space", "gpu_usage"])
def test_a_machine_that_does_not_tell_is_unknown_never_passed(
    installation: Installation, name: str
) -> None:
    installation.host.unreadable = True
    result = installation.one(name)
    assert result.status is Status.UNKNOWN
    assert result.value is None
    assert "does not tell" in result.evidence[0]
    assert result.remedy == "Mount /proc."
    assert result.threshold


@pytest.mark.parametrize(
    ("used", "status", "threshold"),
    [
        (0.799, Status.PASSED, "< 80%"),
        (0.80, Status.WARNING, "< 80%"),
        (0.849, Status.WARNING, "< 80%"),
        (0.85, Status.FAILED, "< 85%"),
        (0.99, Status.FAILED, "< 85%"),
    ],
)
def test_memory_warns_at_the_stricter_figure_and_fails_at_the_looser(
    installation: Installation, used: float, status: Status, threshold: str
) -> None:
    installation.host.memory_used_ratio = used
    result = installation.one("memory_usage")
    assert (result.status, result.threshold) == (status, threshold)
    assert (result.remedy == "") is (status is Status.PASSED)


@pytest.mark.parametrize(("busy", "status"), [(0.79, Status.PASSED), (0.8, Status.FAILED)])
def test_processors_have_one_figure_in_both_sections_so_they_fail_without_warning(
    installation: Installation, busy: float, status: Status
) -> None:
    installation.host.cpu = busy
    result = installation.one("cpu_usage")
    assert (result.status, result.value, result.unit) == (status, busy, "ratio")


def test_each_mount_is_judged_by_itself_and_by_whichever_is_scarcer_bytes_or_inodes(
    installation: Installation,
) -> None:
    installation.host.disks = (
        mount("/"),
        mount("/data", used_ratio=0.93),
        mount("/log", inodes_used_ratio=0.97),
    )
    found = {result.target: result for result in installation.check("disk_space")}
    assert {target: result.status for target, result in found.items()} == {
        "/": Status.PASSED,
        "/data": Status.FAILED,
        "/log": Status.FAILED,
    }
    assert found["/data"].value == pytest.approx(0.93)
    assert "/data is 93% full; 7 GB are left." in found["/data"].evidence
    assert "97% of its inodes are used." in found["/log"].evidence
    assert "/log" in found["/log"].remedy


def test_every_folder_that_holds_our_data_is_asked_for(installation: Installation) -> None:
    installation.one("disk_space")
    home = installation.home
    wanted = {"", "data", "data/postgres", "data/spool", "data/ops", "log", "backup", "models"}
    assert {home / name for name in wanted} <= set(installation.host.asked_folders)


def test_a_machine_without_a_gpu_skips_it_which_is_not_passed(installation: Installation) -> None:
    assert installation.one("gpu_usage").status is Status.SKIPPED


def test_each_gpu_is_judged_by_itself(installation: Installation) -> None:
    installation.host.cards = (Gpu("A2", 0.95, 0.5), Gpu("A2", 0.2, 0.99))
    first, second = installation.check("gpu_usage")
    assert (first.status, first.target) == (Status.FAILED, "0 A2")
    assert (second.status, second.target) == (Status.PASSED, "1 A2")


def test_a_figure_of_the_document_changes_what_passes(installation: Installation) -> None:
    installation.host.cpu = 0.5
    assert installation.one("cpu_usage").status is Status.PASSED
    installation.runbook = changed({"daily_checks.system.cpu_usage": "< 40%"})
    result = installation.one("cpu_usage")
    assert (result.status, result.threshold) == (Status.WARNING, "< 40%")
