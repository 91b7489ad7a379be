"""An installation that is well, and the metric page of a face analyzer."""

from pathlib import Path

import pytest

from tests.unit.operations.checks.installation import Installation


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """One in which every check passes or has nothing to look at."""
    return Installation(tmp_path)
