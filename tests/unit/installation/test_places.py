"""Paths, ports, the runtime folder and its lock."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bigbrother.adapters.clock import SystemClock
from bigbrother.installation import runtime
from bigbrother.installation.accounts import Accounts
from bigbrother.installation.errors import Busy, PreflightFailed, RuntimeRefused
from bigbrother.installation.findings import failed, passed
from bigbrother.installation.port import port
from bigbrother.installation.preflight import (
    home_path,
    reachable,
    refuse_unmet,
    unprivileged_accounts,
)
from bigbrother.settings import Settings


@pytest.mark.parametrize(
    "path", [Path("/" + "d" * 900), Path("/a\nb"), Path("/a\x1b[31m"), Path("/\udcff")]
)
def test_a_path_that_cannot_be_given_to_others_is_refused(path: Path) -> None:
    assert not home_path(path).passed


@pytest.mark.parametrize("path", [Path("/casa/ana/câmara"), Path("/a b;c#d%e'f"), Path("/深い")])
def test_a_path_with_spaces_signs_and_any_language_is_taken(path: Path) -> None:
    assert home_path(path).passed


def settings_for(host: str, number: int) -> Settings:
    return Settings(home=Path("/h"), runtime=Path("/r"), host=host, port=number)


def test_a_port_is_free_until_somebody_listens() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        number = holder.getsockname()[1]
        holder.listen()
        taken = port(settings_for("127.0.0.1", number))
        assert not taken.passed
        assert str(os.getpid()) in taken.detail
        assert f"BIGBROTHER_PORT={number + 1}" in taken.remedy
    assert port(settings_for("127.0.0.1", number)).passed


def test_an_address_of_another_machine_is_refused() -> None:
    finding = port(settings_for("192.0.2.7", 8080))
    assert not finding.passed
    assert "BIGBROTHER_HOST" in finding.remedy


def test_every_unmet_need_is_told_on_a_line_of_its_own() -> None:
    findings = (passed("a", "fine"), failed("b", "bad.", "Do b."), failed("c", "bad.", "Do c."))
    with pytest.raises(PreflightFailed) as refused:
        refuse_unmet(findings)
    assert str(refused.value).splitlines() == ["b: bad. Do b.", "c: bad. Do c."]
    refuse_unmet(findings[:1])


def test_accounts_that_can_be_neither_found_nor_made_are_named_with_their_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    finding = unprivileged_accounts(Accounts("no-such-account", None))
    assert not finding.passed
    assert "useradd --system" in finding.remedy
    assert unprivileged_accounts(Accounts(None, None)).passed


def test_a_home_under_a_closed_folder_cannot_be_reached_by_another_account(
    open_folder: Path,
) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    finding = reachable(closed / "home", Accounts("other", None))
    assert not finding.passed
    assert f"chmod o+x '{closed}'" in finding.remedy
    assert reachable(closed / "home", Accounts(None, None)).passed


def test_a_runtime_folder_that_is_a_link_or_a_file_is_refused(tmp_path: Path) -> None:
    link, file = tmp_path / "link", tmp_path / "file"
    link.symlink_to(tmp_path)
    file.touch()
    for place in (link, file):
        with pytest.raises(RuntimeRefused, match="BIGBROTHER_RUNTIME"):
            runtime.make(place, passable=False)
    runtime.make(tmp_path / "run", passable=False)
    assert (tmp_path / "run").stat().st_mode & 0o777 == 0o700


_HOLDS = """
import fcntl, os, sys
stream = open(sys.argv[1], "a+")
fcntl.flock(stream, fcntl.LOCK_EX)
stream.write(str(os.getpid())); stream.flush()
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_command_waits_names_the_first_and_gives_up_in_time(tmp_path: Path) -> None:
    waits: list[str] = []
    holder = subprocess.Popen(
        (sys.executable, "-c", _HOLDS, str(tmp_path / "lock")),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with (
        pytest.raises(Busy, match=str(holder.pid)),
        runtime.one_at_a_time(tmp_path, SystemClock(), 0.3, waits.append),
    ):
        raise AssertionError("two commands at once")
    assert len(waits) == 1
    holder.kill()
    holder.communicate()
    with runtime.one_at_a_time(tmp_path, SystemClock(), 5, waits.append):
        assert (tmp_path / "lock").read_text() == str(os.getpid())
