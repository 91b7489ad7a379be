"""The home is found from anywhere, and a wrong setting names where it stands."""

import os
from pathlib import Path

import pytest

from bigbrother.settings import (
    InvalidSettings,
    default_home,
    forget_running,
    load_settings,
    remember_running,
)


def environment(folder: Path, **more: str) -> dict[str, str]:
    return {"BIGBROTHER_HOME": str(folder), "HOME": str(folder), **more}


def test_the_home_is_the_variable_before_all_else(tmp_path: Path) -> None:
    assert load_settings(environment(tmp_path)).home == tmp_path.resolve()


@pytest.mark.skipif(os.geteuid() == 0, reason="root's home is a fixed folder")
def test_a_users_home_is_the_data_folder_of_the_desktop_standard(tmp_path: Path) -> None:
    assert default_home({"XDG_DATA_HOME": str(tmp_path)}) == tmp_path / "bigbrother"
    assert default_home({"HOME": str(tmp_path)}) == tmp_path / ".local/share/bigbrother"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/bigbrother.toml").write_text("port = 9000\nhost = '::1'\n")
    settings = load_settings(environment(tmp_path, BIGBROTHER_PORT="9001"))
    assert settings.port == 9001
    assert settings.face_url == "http://[::1]:9001"


@pytest.mark.parametrize("value", ["0", "65536", "http", "-1", "80.5"])
def test_a_wrong_port_names_variable_and_file(tmp_path: Path, value: str) -> None:
    with pytest.raises(InvalidSettings, match=r"BIGBROTHER_PORT.*bigbrother\.toml"):
        load_settings(environment(tmp_path, BIGBROTHER_PORT=value))


@pytest.mark.parametrize("text", ["port = ", "\x00", "prot = 1", "port = 'x'"])
def test_a_wrong_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/bigbrother.toml").write_text(text)
    with pytest.raises(InvalidSettings, match=r"bigbrother\.toml"):
        load_settings(environment(tmp_path))


def test_two_homes_never_share_a_runtime_folder(tmp_path: Path) -> None:
    one = load_settings(environment(tmp_path / "a")).runtime
    other = load_settings(environment(tmp_path / "b")).runtime
    assert one != other


def test_a_very_deep_home_still_gets_a_short_runtime_folder(tmp_path: Path) -> None:
    deep = tmp_path / "/".join(["d" * 50] * 10)
    assert len(str(load_settings(environment(deep)).runtime)) < 80


def test_a_runtime_folder_too_deep_for_a_socket_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match="short path"):
        load_settings(environment(tmp_path, BIGBROTHER_RUNTIME="/tmp/" + "x" * 100))


def test_what_a_running_installation_was_started_with_is_found_by_other_shells(
    tmp_path: Path,
) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/bigbrother.toml").write_text("port = 9000\n")
    shell = environment(tmp_path, BIGBROTHER_RUNTIME=str(tmp_path / "run"))
    started = load_settings({**shell, "BIGBROTHER_PORT": "9001"})
    started.runtime.mkdir()
    remember_running(started)
    assert load_settings(shell).port == 9001
    assert load_settings({**shell, "BIGBROTHER_PORT": "9002"}).port == 9002
    forget_running(started)
    forget_running(started)
    assert load_settings(shell).port == 9000


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"port": 9001'])
def test_a_damaged_note_of_a_running_installation_is_passed_over(tmp_path: Path, text: str) -> None:
    (tmp_path / "running.json").write_text(text)
    shell = environment(tmp_path, BIGBROTHER_RUNTIME=str(tmp_path))
    assert load_settings(shell).port == 8080


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to play another user")
def test_another_users_note_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "running.json").write_text('{"host": "192.0.2.66", "port": 9001}')
    os.chown(tmp_path / "running.json", 65534, -1)
    shell = environment(tmp_path, BIGBROTHER_RUNTIME=str(tmp_path))
    assert load_settings(shell).host == "127.0.0.1"
