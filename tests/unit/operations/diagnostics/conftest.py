"""An installation that is well, under diagnosis."""

from pathlib import Path

import pytest

from tests.unit.operations.diagnostics.scenery import Scenery


@pytest.fixture
def scenery(tmp_path: Path) -> Scenery:
    """One in which every look passes or has nothing to look at."""
    return Scenery(tmp_path)
