"""The home through a first start that may end at any write, and what is refused."""

import contextlib
import os
import shutil
from pathlib import Path

import pytest

from bigbrother.installation import home
from bigbrother.installation.errors import HomeRefused
from bigbrother.installation.home import HomeState
from bigbrother.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", runtime=tmp_path / "run")


def finish(settings: Settings) -> None:
    """A home as `up` leaves it."""
    home.make(settings, passable=False)
    (settings.data / "postgres").mkdir()
    (settings.data / "postgres" / "PG_VERSION").write_text("18\n")
    home.complete(settings)


def test_a_home_goes_from_absent_over_unfinished_to_complete(settings: Settings) -> None:
    assert home.state_of(settings) is HomeState.ABSENT
    home.make(settings, passable=False)
    assert home.state_of(settings) is HomeState.UNFINISHED
    key = settings.master_key_file.read_bytes()
    finish(settings)
    assert home.state_of(settings) is HomeState.COMPLETE
    home.make(settings, passable=False)
    assert settings.master_key_file.read_bytes() == key
    assert home.state_of(settings) is HomeState.COMPLETE


class Killed(BaseException):
    """The process ended here."""


@pytest.mark.parametrize("calls_before_the_kill", range(12))
def test_a_home_killed_before_any_of_its_writes_is_finished_by_the_next_start(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, calls_before_the_kill: int
) -> None:
    left = calls_before_the_kill
    for owner, name in ((Path, "mkdir"), (Path, "open"), (Path, "replace"), (os, "open")):
        real = getattr(owner, name)

        def dying(*args: object, real: object = real, **kwargs: object) -> object:
            nonlocal left
            if left == 0:
                raise Killed
            left -= 1
            assert callable(real)
            return real(*args, **kwargs)

        monkeypatch.setattr(owner, name, dying)
    with contextlib.suppress(Killed):
        finish(settings)
    monkeypatch.undo()
    assert home.state_of(settings) in (HomeState.ABSENT, HomeState.UNFINISHED)
    shutil.rmtree(settings.data / "postgres", ignore_errors=True)
    finish(settings)
    assert home.state_of(settings) is HomeState.COMPLETE


@pytest.mark.parametrize("passable", [False, True])
def test_nobody_else_reads_a_home_and_only_a_passable_one_is_passed(
    settings: Settings, passable: bool
) -> None:
    home.make(settings, passable=passable)
    modes = {
        folder.name: folder.stat().st_mode & 0o777
        for folder in (settings.home, *settings.home.rglob("*"))
        if folder.is_dir()
    }
    through = 0o711 if passable else 0o700
    assert modes == {
        "home": through,
        "etc": 0o700,
        "data": through,
        "spool": 0o700,
        "ledger": 0o700,
        "models": 0o755 if passable else 0o700,
        "backup": 0o700,
        "log": 0o700,
        "ops": 0o700,
        "secrets": 0o700,
    }
    assert settings.master_key_file.stat().st_mode & 0o777 == 0o600


def test_a_mode_that_somebody_opened_is_closed_again(settings: Settings) -> None:
    home.make(settings, passable=False)
    settings.etc.chmod(0o777)
    home.make(settings, passable=False)
    assert settings.etc.stat().st_mode & 0o777 == 0o700


def test_settings_put_there_beforehand_do_not_make_a_folder_foreign(settings: Settings) -> None:
    settings.etc.mkdir(parents=True)
    (settings.etc / "bigbrother.toml").write_text("port = 9000\n")
    (settings.etc / "runbook.yaml").write_text("{}\n")
    assert home.state_of(settings) is HomeState.ABSENT
    (settings.etc / "passwd").write_text("")
    with pytest.raises(HomeRefused, match="passwd"):
        home.state_of(settings)


def test_a_lost_key_a_lost_database_and_a_newer_format_are_refused(settings: Settings) -> None:
    finish(settings)
    (settings.data / "postgres" / "PG_VERSION").unlink()
    with pytest.raises(HomeRefused, match="PG_VERSION"):
        home.state_of(settings)
    assert home.state_of(settings.model_copy(update={"dsn": "host=db"})) is HomeState.COMPLETE
    settings.master_key_file.unlink()
    with pytest.raises(HomeRefused, match=r"master\.key"):
        home.state_of(settings)
    (settings.home / "HOME").write_text("99\n")
    with pytest.raises(HomeRefused, match="99"):
        home.state_of(settings)
