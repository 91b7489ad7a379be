"""README's own commands, in a fresh clone, with a fresh HOME and nothing installed by hand."""

import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.place import Place, clear_away, free_port
from tests.waiting import until

ROOT = Path(__file__).parents[2]
# The machine's own way to its package index; everything else of this environment stays out.
_KEPT = re.compile(r"PATH|LANG|PIP_\w+|SSL_CERT_FILE|\w+_proxy|\w+_PROXY")


def readme_commands() -> list[str]:
    """The shell blocks of the README, in its order."""
    text = (ROOT / "README.md").read_text("utf-8")
    return re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.fixture
def clone() -> Iterator[Place]:
    """A clone of what is committed, and an empty HOME beside it."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git clone")
    folder = Path(tempfile.mkdtemp(prefix="bb-"))
    folder.chmod(0o711)
    subprocess.run(
        ("git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(folder / "clone")), check=True
    )
    home, port = folder / ".local" / "share" / "bigbrother", free_port()
    env = {name: value for name, value in os.environ.items() if _KEPT.fullmatch(name)}
    env |= {"HOME": str(folder), "BIGBROTHER_PORT": str(port), "BIGBROTHER_HOME": str(home)}
    env["BIGBROTHER_RUNTIME"] = str(folder / "run")
    made = Place(home, folder / "run", port, env, (str(folder / "clone/.venv/bin/bigbrother"),))
    yield made
    clear_away(made)
    subprocess.run(("rm", "-rf", str(folder)), check=True)


def shell(clone: Place, command: str, timeout: float) -> subprocess.CompletedProcess[str]:
    """One block of the README, as a person would paste it."""
    return subprocess.run(
        ("bash", "-euc", command.replace("8080", str(clone.port))),
        cwd=clone.runtime.parent / "clone",
        env=clone.env,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def test_make_up_and_the_first_requests_of_the_readme_work(clone: Place) -> None:
    up, test, *requests = readme_commands()
    assert (up.split(), test.split()) == (["make", "up"], ["make", "test"])
    folder = clone.runtime.parent / "clone"
    process = _start(clone, folder)
    until(lambda: "Press Ctrl-C" in clone.output(process) or process.poll() is not None, 400)
    assert process.poll() is None, clone.output(process)
    assert "recognised as" in clone.output(process)
    for block in requests[:2]:
        done = shell(clone, block, 60)
        assert done.returncode == 0, (block, done.stdout, done.stderr)
        assert "0.9" in done.stdout  # The detector's score of the face.
    again = shell(clone, f"{up.strip()} ARGS=--detach", 60)
    assert "Already running." in again.stderr, again.stderr
    os.killpg(process.pid, signal.SIGINT)
    process.wait(30)
    assert "All units are stopped" in clone.output(process)
    assert clone.processes() == []


def _start(clone: Place, folder: Path) -> "subprocess.Popen[str]":
    clone.command = ("make", "--directory", str(folder))
    try:
        return clone.start("up")
    finally:
        clone.command = (str(folder / ".venv/bin/bigbrother"),)


@pytest.mark.slow
def test_make_test_passes(clone: Place) -> None:
    done = shell(clone, "make test", 1500)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]


@pytest.mark.slow
def test_an_interrupted_build_is_built_anew(clone: Place) -> None:
    folder = clone.runtime.parent / "clone"
    clone.command = (str(folder / "scripts" / "bootstrap"),)
    build = clone.start("runtime")
    until(lambda: "Installing" in clone.output(build), 60)
    os.killpg(build.pid, signal.SIGKILL)
    build.wait(10)
    assert (folder / ".venv" / "unfinished").exists()
    again = clone.cli("runtime", timeout=400)
    assert again.returncode == 0, again.stderr
    assert "anew" in again.stderr
    assert not (folder / ".venv" / "unfinished").exists()
    nothing_to_do = clone.cli("runtime")
    assert (nothing_to_do.returncode, nothing_to_do.stderr) == (0, "")
    runs = subprocess.run((folder / ".venv/bin/bigbrother", "--version"), check=False)
    assert runs.returncode == 0
