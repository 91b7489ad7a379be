"""model_accuracy over the enrolled gallery, read from a real PostgreSQL."""

from datetime import timedelta

import psycopg
import pytest

from bigbrother.face.gallery import model_versions
from bigbrother.operations.checks.accuracy.gallery import enrolled_gallery
from bigbrother.operations.checks.accuracy.pairs import accuracy
from bigbrother.operations.checks.accuracy.source import Labelled
from bigbrother.operations.checks.errors import AccuracyUnknown
from tests.conftest import Cluster, Database
from tests.gallery_crowd import NOW, load_crowd


def gallery(database: Database, *, most_pairs: int = 20_000, version: str = "1") -> Labelled | None:
    return enrolled_gallery(
        database.owner_dsn, "net", version, most_pairs=most_pairs, within_seconds=30, now=NOW
    )


@pytest.fixture(params=[128, 512], ids=lambda dimension: f"{dimension}-d")
def crowd(request: pytest.FixtureRequest, database: Database) -> Database:
    """60 people of 3 examples each in 2 collections, a third of the consents expired."""
    with psycopg.connect(database.owner_dsn) as conn:
        model = model_versions.register(conn, "net", "1", request.param, now=NOW)
        conn.commit()
        load_crowd(conn, model, collections=2, subjects=60, examples=3, expired_share=0.33, seed=1)
    return database


def test_examples_are_compared_within_their_collection_and_only_those_that_may_match(
    crowd: Database,
) -> None:
    labelled = gallery(crowd)
    assert labelled is not None
    with psycopg.connect(crowd.owner_dsn) as conn:
        (valid,) = conn.execute(
            "SELECT count(*) FROM subject WHERE consent_expires_at > %s", (NOW,)
        ).fetchone() or (0,)
    assert len(labelled.people) == 2
    assert sum(map(len, labelled.people)) == valid < 60
    assert f"{3 * valid} examples of {valid} subjects" in labelled.notes[0]
    found = accuracy(labelled.people, 0.4, 20_000)
    assert found.genuine_pairs == 3 * valid
    assert found.balanced > 0.99


def test_a_large_gallery_is_sampled_fairly(crowd: Database) -> None:
    labelled = gallery(crowd, most_pairs=40)
    assert labelled is not None
    faces = [len(each) for group in labelled.people for each in group.values()]
    assert sum(faces) <= 20
    assert len(faces) <= 10


def test_faces_that_outlived_their_collection_s_retention_are_left_out(crowd: Database) -> None:
    with psycopg.connect(crowd.owner_dsn) as conn:
        conn.execute("UPDATE collection SET retention = %s", (timedelta(days=1),))
    assert gallery(crowd) is None


def test_nobody_enrolled_twice_with_this_model_is_nothing_to_measure(database: Database) -> None:
    assert gallery(database) is None
    with psycopg.connect(database.owner_dsn) as conn:
        model_versions.register(conn, "net", "2", 128, now=NOW)
    assert gallery(database, version="2") is None


def test_a_database_that_refuses_is_told_with_its_reason(cluster: Cluster) -> None:
    with pytest.raises(AccuracyUnknown, match="cannot be read"):
        enrolled_gallery(
            cluster.dsn("nobody_at_all", "bigbrother"),
            "net",
            "1",
            most_pairs=10,
            within_seconds=5,
            now=NOW,
        )


def test_a_schema_that_is_not_ours_is_told_not_a_crash(cluster: Cluster) -> None:
    with pytest.raises(AccuracyUnknown, match="model_version"):
        enrolled_gallery(
            cluster.dsn("postgres", "postgres"),
            "net",
            "1",
            most_pairs=10,
            within_seconds=5,
            now=NOW,
        )
