"""A fresh place for a story, and one running installation that stories may share."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.place import Place, new_place
from tests.scenarios.reading import ROOT


@pytest.fixture
def place() -> Iterator[Place]:
    """An installation's place with nothing in it yet."""
    with new_place() as made:
        yield made


@pytest.fixture(scope="session")
def installation() -> Iterator[Place]:
    """A running installation, shared: leave it healthy, and use names of your own in it."""
    with new_place() as made:
        made.up()
        yield made


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """The folder where a reader sits: like the clone, without filling it with their files."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    for name in ("src", ".venv"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path
