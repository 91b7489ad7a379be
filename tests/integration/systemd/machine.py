"""A machine of a test's own: a real systemd in namespaces, over a throw-away layer of this root."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.waiting import until

Done = subprocess.CompletedProcess[str]
BIN = ROOT / ".venv" / "bin"
_BOOT = Path(__file__).with_name("boot.sh")
_TOOLS = ("bash", "unshare", "nsenter", "ip", "systemctl", "journalctl", "curl")
_BOOTED = ("running", "degraded")


@dataclass(frozen=True)
class Machine:
    """`process_id` is its first process, as this machine counts."""

    process_id: int

    def run(self, *command: str, timeout: float = 60, given: str | None = None) -> Done:
        """Runs one command in it, as root."""
        spaces = ("--mount", "--pid", "--cgroup", "--uts", "--ipc", "--net", "--root", "--wd")
        path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return subprocess.run(
            (
                *("nsenter", "--target", str(self.process_id), *spaces, "--"),
                *("env", "-i", path, "LC_ALL=C.UTF-8", "SYSTEMD_PAGER=", "HOME=/root"),
                *command,
            ),
            input=given,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def said(self, *command: str, timeout: float = 60, given: str | None = None) -> str:
        """What a command wrote that must succeed."""
        done = self.run(*command, timeout=timeout, given=given)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout

    def bigbrother(self, *command: str) -> Done:
        """Runs one of the product's commands."""
        return self.run(str(BIN / "bigbrother"), *command)

    def python(self, program: str, *arguments: str, timeout: float = 60) -> str:
        """What a program wrote that runs there with everything that is installed here."""
        command = (str(BIN / "python"), "-I", "-", *arguments)
        return self.said(*command, timeout=timeout, given=program)


@contextmanager
def booted(folder: Path) -> Iterator[Machine]:
    """A machine that is up; it is gone afterwards with all that it wrote."""
    _skip_where_it_cannot_be()
    subprocess.run(("bash", str(_BOOT), str(folder), str(ROOT)), check=True, timeout=10)
    starter = int((folder / "unshare.pid").read_text())
    try:
        until(lambda: _first_process(starter) is not None or not _lives(starter))
        until(lambda: _is_systemd(starter) or not _lives(starter))
        process_id = _first_process(starter)
        if process_id is None:
            pytest.skip(f"no systemd can be booted here: {(folder / 'boot.log').read_text()}")
        machine = Machine(process_id)
        until(lambda: machine.run("systemctl", "is-system-running").stdout.strip() in _BOOTED, 30)
        yield machine
    finally:
        if _lives(starter):
            # Its end takes the namespaces' first process with it, and that one all others.
            os.kill(starter, signal.SIGKILL)
        until(lambda: not _lives(starter))


def _skip_where_it_cannot_be() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make the namespaces in which systemd runs")
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if not Path("/lib/systemd/systemd").exists():
        missing.append("systemd")
    if not missing:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"not installed: {', '.join(missing)}")
    pytest.skip(f"not installed: {', '.join(missing)}")


def _lives(process_id: int) -> bool:
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _first_process(starter: int) -> int | None:
    try:
        children = Path(f"/proc/{starter}/task/{starter}/children").read_text().split()
    except OSError:
        return None
    return int(children[0]) if children else None


def _is_systemd(starter: int) -> bool:
    process_id = _first_process(starter)
    try:
        return Path(f"/proc/{process_id}/comm").read_text().strip() == "systemd"
    except OSError:
        return False
