"""A gallery of one model with a ledger beside it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bigbrother.face.gallery import model_versions
from bigbrother.face.gallery.ledger import Ledger
from bigbrother.face.gallery.records import ModelVersion
from tests.conftest import Database
from tests.integration.gallery.people import MASTER_KEY, NOW

Connection = psycopg.Connection[Any]
QUEUE = "-c search_path=public,queue"


@pytest.fixture
def model(database: Database) -> ModelVersion:
    """A registered model version of the default pack's kind."""
    with psycopg.connect(database.owner_dsn) as conn:
        return model_versions.register(conn, "net", "1", 128, now=NOW)


@pytest.fixture
def conn(database: Database, model: ModelVersion) -> Iterator[Connection]:
    """A connection with the service's own rights."""
    assert model.id == 1
    with psycopg.connect(database.face_dsn, options=QUEUE) as connection:
        yield connection


@pytest.fixture
def superuser(database: Database) -> Iterator[Connection]:
    """A connection that may look everywhere."""
    with psycopg.connect(database.superuser_dsn, autocommit=True) as connection:
        yield connection


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path, MASTER_KEY.derive(b"ledger"))
