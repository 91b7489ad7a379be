"""What stands in the way is told in one line with the remedy, and nothing is lost or changed."""

import os
import pwd
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.place import Place, assert_refused, is_free, new_place, tree

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to play another user")


def test_a_taken_port_names_who_holds_it_and_another_port(place: Place) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", place.port))
        holder.listen()
        refused = place.cli("up")
        preflight = place.cli("preflight")
    assert_refused(
        refused, f"127.0.0.1:{place.port} is taken", str(os.getpid()), "BIGBROTHER_PORT="
    )
    assert preflight.returncode == 4
    assert "failed" in preflight.stdout
    assert not place.home.exists()


def test_a_folder_with_other_things_in_it_is_not_made_a_home(place: Place) -> None:
    place.home.mkdir()
    (place.home / "thesis.txt").write_text("ten years of work")
    assert_refused(place.cli("up"), "thesis.txt", "BIGBROTHER_HOME")
    assert tree(place.home) == {"thesis.txt": b"ten years of work"}


def test_a_file_in_the_place_of_the_home_is_refused(place: Place) -> None:
    place.home.write_text("not a folder")
    assert_refused(place.cli("up"), "is not a folder", "BIGBROTHER_HOME")
    assert place.home.read_text() == "not a folder"


def test_a_path_too_deep_for_the_database_is_refused(place: Place) -> None:
    deep = place.home / "/".join(["d" * 100] * 9)
    refused = place.cli("up", env={"BIGBROTHER_HOME": str(deep)})
    assert_refused(refused, "bytes", "Set BIGBROTHER_HOME to a shorter path")
    assert not place.home.exists()


def test_a_runtime_folder_too_deep_for_sockets_is_refused(place: Place) -> None:
    deep = place.runtime / ("r" * 90)
    refused = place.cli("up", env={"BIGBROTHER_RUNTIME": str(deep)})
    assert_refused(refused, "too deep for a socket", "BIGBROTHER_RUNTIME")


@as_root
def test_a_runtime_folder_of_another_user_is_refused(place: Place) -> None:
    place.runtime.mkdir()
    os.chown(place.runtime, pwd.getpwnam("nobody").pw_uid, -1)
    assert_refused(place.cli("up"), "belongs to another user", "BIGBROTHER_RUNTIME")
    assert not place.home.exists()


@as_root
def test_a_home_of_another_user_is_refused(place: Place) -> None:
    place.home.mkdir()
    os.chown(place.home, pwd.getpwnam("nobody").pw_uid, -1)
    assert_refused(place.cli("up"), "belongs to 'nobody'", "BIGBROTHER_HOME")


@as_root
def test_a_home_that_the_database_account_cannot_reach_is_refused(place: Place) -> None:
    closed = place.home.parent / "closed"
    closed.mkdir(mode=0o700)
    refused = place.cli("up", env={"BIGBROTHER_HOME": str(closed / "home")})
    assert_refused(refused, f"under {closed}", "/var/lib/bigbrother", "chmod o+x")
    assert list(closed.iterdir()) == []


def test_a_disk_without_room_is_refused_before_anything_is_written(place: Place) -> None:
    (place.home / "etc").mkdir(parents=True)
    (place.home / "etc" / "runbook.yaml").write_text("requirements: {free_disk: 900 TB}\n")
    assert_refused(place.cli("up"), "free at", "Make room")
    assert list(tree(place.home)) == ["etc/runbook.yaml"]


@pytest.mark.parametrize(
    ("settings", "parts"),
    [
        ({"BIGBROTHER_PORT": "eighty"}, ("'port'", "BIGBROTHER_PORT")),
        ({"BIGBROTHER_PORT": "70000"}, ("'port'", "BIGBROTHER_PORT")),
        ({"BIGBROTHER_HOST": "192.0.2.1"}, ("192.0.2.1", "BIGBROTHER_HOST")),
        ({"BIGBROTHER_HOST": "no such host"}, ("no such host", "BIGBROTHER_HOST")),
        ({"BIGBROTHER_PACK": "imaginary"}, ("imaginary",)),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    place: Place, settings: dict[str, str], parts: tuple[str, ...]
) -> None:
    assert_refused(place.cli("up", env=settings), *parts)
    assert not place.home.exists()


def test_a_mistake_in_the_runbook_is_named_with_file_and_line(place: Place) -> None:
    (place.home / "etc").mkdir(parents=True)
    overlay = place.home / "etc" / "runbook.yaml"
    overlay.write_text("limits:\n  image_size: many\n")
    refused = place.cli("up")
    assert refused.returncode == 4
    assert f"{overlay}:2" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.fixture(scope="module")
def stopped() -> Iterator[Place]:
    """A complete home whose units do not run."""
    with new_place() as place:
        place.up()
        assert place.cli("down").returncode == 0
        yield place


def test_a_complete_home_without_its_key_is_refused_and_gets_no_other(stopped: Place) -> None:
    key = stopped.home / "etc" / "master.key"
    key.rename(key.with_name("away"))
    assert_refused(stopped.cli("up"), "master.key is gone", "backup")
    assert not key.exists()
    key.with_name("away").rename(key)


def test_a_complete_home_without_its_database_is_refused_and_gets_no_other(stopped: Place) -> None:
    data = stopped.home / "data" / "postgres"
    data.rename(data.with_name("away"))
    assert_refused(stopped.cli("up"), "PG_VERSION is gone", "backup")
    assert not data.exists()
    data.with_name("away").rename(data)


def test_a_home_of_a_newer_release_is_refused(stopped: Place) -> None:
    (stopped.home / "HOME").write_text("2\n")
    assert_refused(stopped.cli("up"), "format '2'", "release")
    (stopped.home / "HOME").write_text("1\n")


def test_a_lost_or_worthless_credential_is_made_anew(stopped: Place) -> None:
    before = stopped.token
    (stopped.home / "etc" / "admin.token").unlink()
    stopped.up()
    assert stopped.token != before
    stolen = stopped.cli("token", "list", env={"BIGBROTHER_TOKEN": before})
    assert stolen.returncode == 4
    (stopped.home / "etc" / "admin.token").write_text("rubbish\n")
    stopped.up()
    assert stopped.cli("token", "list").returncode == 0


@pytest.fixture
def small_disk(place: Place) -> Iterator[Path]:
    """A file system of its own under the home, full after a few megabytes."""
    place.home.mkdir(mode=0o711)
    try:
        mount(place.home, "size=8m")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("mounting is not permitted here")
    (place.home / "etc").mkdir()
    (place.home / "etc" / "runbook.yaml").write_text("requirements: {free_disk: 1 MB}\n")
    yield place.home
    subprocess.run(("umount", "--lazy", str(place.home)), check=True)


def mount(folder: Path, options: str) -> None:
    subprocess.run(
        ("mount", "-t", "tmpfs", "-o", f"mode=0711,{options}", "tmpfs", str(folder)),
        check=True,
        capture_output=True,
    )


@as_root
def test_a_disk_on_which_no_program_may_run_is_refused(place: Place, small_disk: Path) -> None:
    mount(small_disk, "remount,noexec,size=600m")
    assert_refused(place.cli("up"), "noexec", "BIGBROTHER_HOME")
    assert list(tree(place.home)) == ["etc/runbook.yaml"]


@as_root
def test_a_disk_that_fills_up_at_any_step_is_told_and_survived(
    place: Place, small_disk: Path
) -> None:
    told = []
    for megabytes in (8, 50, 64, 67, 68, 69):
        mount(small_disk, f"remount,size={megabytes}m")
        done = place.cli("up", "--detach")
        if done.returncode == 0:
            break
        assert done.returncode in (1, 4), (megabytes, done.stderr)
        assert "Traceback" not in done.stderr
        told.append(done.stderr.splitlines()[-1])
        assert "room" in told[-1] or "free disk" in told[-1], told
        assert place.processes() == []
        assert is_free(place.port)
    # The programs, the data folder and the running server each ran out of room once.
    assert len(told) >= 3, told
    mount(small_disk, "remount,size=600m")
    place.up()
    assert place.healthy()
