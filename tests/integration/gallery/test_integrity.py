"""`verify_integrity()`: each damage is found, named and told apart; a sound gallery is silent."""

from typing import Any

import numpy as np
import psycopg
import pytest
from psycopg import sql

from bigbrother.face.gallery import integrity, statistics
from bigbrother.face.gallery.records import GalleryCounts, ModelVersion
from tests.integration.gallery.people import enrol, new_collection, new_subject, vectors

Connection = psycopg.Connection[Any]

DAMAGE = {
    "orphan subject": "UPDATE subject SET collection_id = gen_random_uuid()",
    "orphan subject_key": "UPDATE subject_key SET subject_id = gen_random_uuid()",
    "orphan face": "UPDATE face SET subject_id = gen_random_uuid()",
    "orphan crop": "UPDATE crop SET face_id = gen_random_uuid()",
    "orphan embedding_1": "UPDATE embedding_1 SET face_id = gen_random_uuid()",
    "face-without-embedding face": "DELETE FROM embedding_1",
    "subject-without-key subject": "DELETE FROM subject_key",
    "crop-without-key crop": "DELETE FROM subject_key",
    "consent-incomplete subject": "ALTER TABLE subject DROP CONSTRAINT "
    "subject_consent_purpose_check; UPDATE subject SET consent_purpose = ' '",
    "wrong-subject embedding_1": "UPDATE embedding_1 SET subject_id = gen_random_uuid()",
    "wrong-collection embedding_1": "UPDATE embedding_1 SET collection_id = gen_random_uuid()",
    "wrong-model embedding_1": "ALTER TABLE embedding_1 DROP CONSTRAINT "
    "embedding_1_model_version_id_check; UPDATE embedding_1 SET model_version_id = 9",
    "embedding-checksum embedding_1": "UPDATE embedding_1 SET embedding = "
    "subvector(embedding, 2, 9999) || subvector(embedding, 1, 1)",
    "model-table-missing model_version": "DROP TABLE embedding_1",
    "embedding-not-unit embedding_1": "UPDATE embedding_1 SET embedding = embedding + embedding",
    "orphan embedding_7": "CREATE TABLE embedding_7 (face_id uuid)",
}


@pytest.fixture
def ann(conn: Connection, model: ModelVersion) -> None:
    """A gallery of one face with everything that it can have."""
    new_collection(conn, keep_crops=True)
    new_subject(conn, "ann")
    enrol(conn, "ann", vectors(model, 1)[0], model)
    conn.commit()


def findings(conn: Connection) -> set[str]:
    return {f"{one.code} {one.relation}" for one in integrity.verify(conn)}


@pytest.mark.usefixtures("ann")
def test_a_sound_gallery_has_no_findings(conn: Connection) -> None:
    assert integrity.verify(conn) == ()
    assert conn.execute("SELECT verify_integrity()").fetchall() == []
    assert statistics.counts(conn) == GalleryCounts(1, 1, 1, 1)


@pytest.mark.usefixtures("ann")
@pytest.mark.parametrize("expected", DAMAGE)
def test_each_damage_is_found(conn: Connection, superuser: Connection, expected: str) -> None:
    superuser.execute("SET session_replication_role = replica")
    superuser.execute(DAMAGE[expected].encode())
    assert expected in findings(conn)
    assert all(one.detail and one.row_id for one in integrity.verify(conn))
    assert conn.execute("SELECT verify_integrity()").rowcount == len(integrity.verify(conn))


@pytest.mark.usefixtures("ann")
def test_damage_to_one_thing_is_not_reported_as_another(
    conn: Connection, superuser: Connection
) -> None:
    superuser.execute("SET session_replication_role = replica")
    superuser.execute(DAMAGE["embedding-checksum embedding_1"].encode())
    assert findings(conn) == {"embedding-checksum embedding_1"}


@pytest.mark.usefixtures("ann")
def test_an_embedding_that_is_not_a_number_is_found(
    conn: Connection, superuser: Connection, model: ModelVersion
) -> None:
    # pgvector takes no such value, a damaged disk brings it: a cast without a check stands in.
    kind, number = ("vector", "<f4") if model.dimension == 128 else ("halfvec", "<f2")
    broken = np.full(model.dimension, np.nan, number)
    raw = np.array([model.dimension, 0], "<i2").tobytes() + broken.tobytes()
    superuser.execute(f"CREATE CAST (bytea AS {kind}) WITHOUT FUNCTION".encode())
    superuser.execute("DROP INDEX embedding_1_nearest")
    broken_into_it = sql.SQL("UPDATE embedding_1 SET embedding = %s::bytea::{}")
    superuser.execute(broken_into_it.format(sql.Identifier(kind)), (raw,))
    assert findings(conn) == {
        "embedding-not-unit embedding_1",
        "embedding-checksum embedding_1",
    }
