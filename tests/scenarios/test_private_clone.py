"""Root's clone under /root: the unprivileged units cannot enter it, and serve all the same."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.scenarios.place import Place, new_place

_SOURCE = Path(__file__).parents[2] / "src"

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root's units are other accounts")


@pytest.fixture
def place() -> Iterator[Place]:
    """A place whose code lies in a folder that only root may enter."""
    closed = Path(tempfile.mkdtemp(prefix="bb-closed-"))
    shutil.copytree(_SOURCE, closed / "src", ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run((sys.executable, "-m", "venv", "--without-pip", closed / "venv"), check=True)
    own = Path(sysconfig.get_path("purelib", vars={"base": str(closed / "venv")}))
    own.joinpath("borrowed.pth").write_text(
        f"{closed / 'src'}\n{sysconfig.get_paths()['purelib']}\n"
    )
    program = "from bigbrother.entrypoints.cli.main import main; main()"
    with new_place() as made:
        made.command = (str(closed / "venv" / "bin" / "python"), "-c", program)
        yield made
    shutil.rmtree(closed)


def test_a_service_from_a_closed_folder_answers_everything_as_its_own_account(place: Place) -> None:
    place.up()
    unit = psutil.Process(place.units()["bigbrother-face"]["process_id"])
    assert unit.username() == "bigbrother-face"
    assert unit.uids().real == unit.uids().effective == unit.uids().saved
    with place.client() as client:
        assert client.health().healthy
        assert [pack.name for pack in client.models()] == ["sface"]
        assert {item.name for item in client.collections.list()} == {"sample"}
    for path in ("/readyz", "/metrics", "/api/docs", "/api/openapi.json"):
        done = subprocess.run(
            (sys.executable, "-c", _GET, f"{place.url}{path}"), capture_output=True, check=False
        )
        assert done.returncode == 0, (path, done.stderr)


_GET = "import sys, urllib.request as u; u.build_opener(u.ProxyHandler({})).open(sys.argv[1])"
