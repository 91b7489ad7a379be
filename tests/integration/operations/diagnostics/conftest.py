"""An installation under diagnosis whose database is a real one."""

from pathlib import Path

import psycopg
import pytest

from bigbrother.adapters.clock import SystemClock
from bigbrother.face.gallery import model_versions
from tests.conftest import Database
from tests.gallery_crowd import NOW, load_crowd
from tests.unit.operations.diagnostics.scenery import Scenery


@pytest.fixture
def scenery(tmp_path: Path, database: Database) -> Scenery:
    """All else is made of fakes; what the database's clock says is compared with the real one."""
    made = Scenery(tmp_path, dsn=database.owner_dsn)
    made.clock = SystemClock()  # type: ignore[assignment]
    return made


@pytest.fixture
def crowd(database: Database) -> Database:
    """10 people of 3 examples each."""
    with psycopg.connect(database.owner_dsn) as conn:
        model = model_versions.register(conn, "net", "1", 128, now=NOW)
        conn.commit()
        load_crowd(conn, model, collections=1, subjects=10, examples=3, expired_share=0, seed=1)
    return database
