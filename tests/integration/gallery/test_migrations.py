"""The schema: made once however many begin, and no more rights than the service needs."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from bigbrother.face.gallery.records import ModelVersion
from bigbrother.face.migrations import migrate
from bigbrother.face.migrations.errors import DatabaseNotPrepared, DatabaseUnreachable
from tests.conftest import Cluster, Database


@pytest.fixture
def empty(cluster: Cluster, database: Database) -> Database:
    """A prepared database without a schema."""
    with psycopg.connect(database.superuser_dsn, autocommit=True) as conn:
        conn.execute("DROP SCHEMA queue, public CASCADE")
        conn.execute("CREATE SCHEMA public AUTHORIZATION bigbrother")
        conn.execute("GRANT USAGE ON SCHEMA public TO PUBLIC; CREATE EXTENSION vector")
    return database


def test_processes_that_migrate_at_once_make_one_schema(empty: Database) -> None:
    with ThreadPoolExecutor(4) as pool:
        for made in [pool.submit(migrate, empty.owner_dsn) for _ in range(4)]:
            made.result()
    with psycopg.connect(empty.face_dsn) as conn:
        assert conn.execute("SELECT verify_integrity()").fetchall() == []


def test_a_database_without_the_vector_extension_is_refused_with_the_remedy(
    empty: Database,
) -> None:
    with psycopg.connect(empty.superuser_dsn, autocommit=True) as conn:
        conn.execute("DROP EXTENSION vector")
    with pytest.raises(DatabaseNotPrepared, match="CREATE EXTENSION vector"):
        migrate(empty.owner_dsn)


def test_a_database_that_does_not_answer_is_named_so() -> None:
    with pytest.raises(DatabaseUnreachable):
        migrate("host=/nowhere dbname=bigbrother user=bigbrother connect_timeout=2")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE embedding_1 SET checksum = ''",
        "TRUNCATE embedding_1",
        "TRUNCATE face CASCADE",
        "UPDATE face SET score = 1",
        "DROP TABLE crop",
        "CREATE TABLE mine (id int)",
        "INSERT INTO model_version DEFAULT VALUES",
        "DROP FUNCTION verify_integrity()",
    ],
)
def test_the_service_can_neither_change_embeddings_nor_the_schema(
    conn: psycopg.Connection[object], model: ModelVersion, statement: str
) -> None:
    assert model.id == 1
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute(statement.encode())
