"""A document with short waits, and somebody who takes batches in."""

from pathlib import Path

import pytest

from bigbrother.runbook.load import load_runbook
from tests.conftest import Database
from tests.integration.batch.workers import Submitter, quick_overlay


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    return quick_overlay(tmp_path)


@pytest.fixture
def submitter(database: Database, overlay: Path) -> Submitter:
    return Submitter.of(database, load_runbook(overlay))
