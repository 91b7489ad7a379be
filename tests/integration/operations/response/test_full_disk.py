"""The disk is full: people are paged all the same, and the history is there once there is room."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.operations.response.desk import Desk, document

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of two megabytes of this test's own."""
    folder = Path(tempfile.mkdtemp(prefix="bb-disk-"))
    mounted = subprocess.run(
        ("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)), check=False
    )
    if mounted.returncode:
        folder.rmdir()
        pytest.skip("this machine does not allow mounting")
    try:
        yield folder
    finally:
        subprocess.run(("umount", "--lazy", str(folder)), check=True)
        folder.rmdir()


def fill(folder: Path) -> Path:
    """Takes all the room that is left."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return ballast


def test_an_alert_on_a_full_disk_is_paged_and_written_down_once_there_is_room(
    small_disk: Path, tmp_path: Path
) -> None:
    desk = Desk(small_disk, document(tmp_path))
    ballast = fill(small_disk)
    desk.find(*(desk.down(f"unit-{number}") for number in range(200)))
    desk.settle()
    assert desk.store.degraded
    assert desk.paged() == ["ops", "engineering"]
    desk.pass_time(minutes=31)
    assert "management" in desk.paged()
    said = desk.said()
    assert not desk.store.recover()

    ballast.unlink()
    assert desk.store.recover()
    assert not desk.store.degraded
    desk.again()
    desk.settle()
    assert desk.said() == said
    assert len(desk.book.open_alerts()) == 200


def test_a_watcher_killed_on_a_full_disk_begins_anew_there_and_knows_what_it_had_said(
    small_disk: Path, tmp_path: Path
) -> None:
    desk = Desk(small_disk, document(tmp_path))
    desk.find(desk.down())
    desk.settle()
    before = desk.said()
    ballast = fill(small_disk)
    desk.find(*(desk.down(f"unit-{number}") for number in range(200)))
    assert desk.store.degraded
    # Killed now: what was in memory alone is gone, what was on the disk is not.
    desk.store.abandon()
    desk.begin()
    assert desk.store.degraded
    assert desk.said() == before
    desk.find(desk.down(), *(desk.down(f"unit-{number}") for number in range(200)))
    desk.settle()
    assert len(desk.said()) > len(before)
    said = desk.said()
    ballast.unlink()
    assert desk.store.recover()
    assert desk.said() == said
    assert (
        desk.store.read(lambda conn: conn.execute("PRAGMA integrity_check").fetchone()[0]) == "ok"
    )


def test_a_first_start_on_a_full_disk_watches_all_the_same(
    small_disk: Path, tmp_path: Path
) -> None:
    ballast = fill(small_disk)
    desk = Desk(small_disk, document(tmp_path))
    desk.find(desk.down())
    desk.settle()
    assert desk.paged() == ["ops", "engineering"]
    ballast.unlink()
    assert desk.store.recover()
    desk.again()
    desk.settle()
    assert desk.paged() == ["ops", "engineering"]
