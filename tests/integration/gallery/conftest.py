"""A migrated gallery with one model, for narrow (vector) and wide (halfvec) embeddings."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from bigbrother.face.gallery import model_versions
from bigbrother.face.gallery.records import ModelVersion
from tests.conftest import Cluster, Database
from tests.gallery_crowd import Crowd, load_crowd
from tests.integration.gallery.people import NOW

DIMENSIONS = (128, 512)


@pytest.fixture(params=DIMENSIONS, ids=lambda dimension: f"{dimension}-d")
def model(request: pytest.FixtureRequest, database: Database) -> ModelVersion:
    """A registered model version."""
    with psycopg.connect(database.owner_dsn) as conn:
        return model_versions.register(conn, "net", "1", request.param, now=NOW)


@pytest.fixture
def conn(database: Database) -> Iterator[psycopg.Connection[Any]]:
    """A connection with the service's own rights."""
    with psycopg.connect(database.face_dsn) as connection:
        yield connection


@pytest.fixture
def superuser(database: Database) -> Iterator[psycopg.Connection[Any]]:
    """A connection that may break everything."""
    with psycopg.connect(database.superuser_dsn, autocommit=True) as connection:
        yield connection


@pytest.fixture(
    scope="module",
    params=(pytest.param(128, id="128-d"), pytest.param(512, id="512-d", marks=pytest.mark.slow)),
)
def crowd(
    request: pytest.FixtureRequest, cluster: Cluster
) -> Iterator[tuple[Crowd, psycopg.Connection[Any]]]:
    """20,000 faces of 10,000 people in 100 collections, half of the consents expired.

    Fewer would not do: with 8,000 wide embeddings the index loses nobody even where the search
    stops too early, with 20,000 it does.
    """
    database = cluster.new_database()
    with psycopg.connect(database.owner_dsn) as owner:
        model = model_versions.register(owner, "net", "1", request.param, now=NOW)
        owner.commit()
        loaded = load_crowd(
            owner, model, collections=100, subjects=10_000, examples=2, expired_share=0.5, seed=7
        )
    with psycopg.connect(database.face_dsn) as connection:
        yield loaded, connection
    cluster.drop(database)
