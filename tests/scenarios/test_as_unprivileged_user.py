"""A person without root gets the same service: in a home of their own, as nobody else."""

import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.scenarios.place import Place, assert_refused, clear_away, free_port

_USER = "nobody"
_SOURCE = Path(__file__).parents[2] / "src"

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user")


@pytest.fixture(scope="module")
def command() -> Iterator[tuple[str, ...]]:
    """The command line on a Python that everybody may run, with the libraries of this one."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    python = Path("/usr/bin") / version
    libraries = Path(sysconfig.get_paths()["purelib"])
    if not python.exists():
        pytest.skip(f"no {python}")
    for folder in (libraries, _SOURCE):
        if any(not part.stat().st_mode & 0o001 for part in (folder, *folder.parents)):
            pytest.skip(f"{folder} cannot be entered by everybody")
    folder = Path(tempfile.mkdtemp(prefix="bb-python-"))
    folder.chmod(0o755)
    subprocess.run((python, "-m", "venv", "--without-pip", folder), check=True)
    own = folder / "lib" / version / "site-packages" / "borrowed.pth"
    own.write_text(f"{libraries}\n{_SOURCE}\n")
    yield (
        str(folder / "bin" / "python"),
        "-c",
        "from bigbrother.entrypoints.cli.main import main; main()",
    )
    shutil.rmtree(folder)


@pytest.fixture
def place(command: tuple[str, ...]) -> Iterator[Place]:
    """Where an ordinary user's installation lies when nothing is set: in the user's folders."""
    folder = Path(tempfile.mkdtemp(prefix="bb-"))
    os.chown(folder, pwd.getpwnam(_USER).pw_uid, -1)
    runtime = folder / "xdg"
    runtime.mkdir(mode=0o700)
    os.chown(runtime, pwd.getpwnam(_USER).pw_uid, -1)
    port = free_port()
    env = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": str(runtime),
        "BIGBROTHER_PORT": str(port),
    }
    home = folder / ".local" / "share" / "bigbrother"
    made = Place(home, runtime, port, env, command, _USER)
    yield made
    clear_away(made)
    shutil.rmtree(folder)


def test_an_ordinary_user_gets_the_whole_road_in_folders_of_their_own(place: Place) -> None:
    done = place.cli("up", "--detach")
    assert done.returncode == 0, done.stderr
    assert "recognised as" in done.stdout
    assert place.healthy()
    for unit in place.units().values():
        assert psutil.Process(unit["process_id"]).username() == _USER
    for folder in (place.home, *place.home.iterdir()):
        if folder.is_dir() and folder.name != "programs":
            assert folder.stat().st_mode & 0o077 == 0, folder
    assert place.cli("down").returncode == 0
    assert not place.healthy()


def test_a_place_that_the_user_may_not_write_to_is_refused(place: Place) -> None:
    forbidden = place.cli("up", env={"BIGBROTHER_HOME": "/usr/bigbrother"})
    assert_refused(forbidden, "may not write to /usr", "BIGBROTHER_HOME")
    low = place.cli("preflight", env={"BIGBROTHER_PORT": "80"})
    if low.returncode != 0:  # Some systems let everybody use every port.
        assert "BIGBROTHER_PORT=" in low.stdout
