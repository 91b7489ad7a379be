"""A place to keep in order."""

from pathlib import Path

import pytest

from tests.integration.operations.housekeeping.place import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """With nothing in it."""
    return Place(tmp_path / "home")
