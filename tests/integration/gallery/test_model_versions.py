"""Models: each has its own embeddings, and two live side by side."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from bigbrother.face.gallery import faces, integrity, model_versions, statistics
from bigbrother.face.gallery.errors import (
    InvalidEmbedding,
    ModelDimensionConflict,
    ModelNotRegistered,
)
from bigbrother.face.gallery.records import ModelVersion
from bigbrother.face.gallery.search import competing_faces
from tests.conftest import Database
from tests.integration.gallery.people import (
    NOW,
    enrol,
    forget_subject,
    found,
    new_collection,
    new_subject,
    vectors,
)

Connection = psycopg.Connection[Any]


@pytest.fixture
def owner(database: Database) -> Iterator[Connection]:
    with psycopg.connect(database.owner_dsn) as connection:
        yield connection


def test_registering_again_changes_nothing(owner: Connection, model: ModelVersion) -> None:
    later = NOW + timedelta(days=1)
    again = model_versions.register(owner, "net", "1", model.dimension, now=later)
    assert again == model
    assert model_versions.get(owner, "net", "1") == model
    assert model_versions.registered(owner) == (model,)


def test_a_version_does_not_change_its_dimension(owner: Connection, model: ModelVersion) -> None:
    with pytest.raises(ModelDimensionConflict):
        model_versions.register(owner, "net", "1", model.dimension + 1, now=NOW)


def test_an_unknown_model_is_not_registered(conn: Connection, model: ModelVersion) -> None:
    with pytest.raises(ModelNotRegistered):
        model_versions.get(conn, model.name, "2")


@pytest.mark.parametrize("dimension", [0, -1, 4001])
def test_a_dimension_that_cannot_be_indexed_is_refused(owner: Connection, dimension: int) -> None:
    with pytest.raises(InvalidEmbedding):
        model_versions.register(owner, "net", "1", dimension, now=NOW)


def test_the_widest_embedding_fits(owner: Connection) -> None:
    model = model_versions.register(owner, "wide", "1", 4000, now=NOW)
    new_collection(owner)
    new_subject(owner, "ann")
    vector = vectors(model, 1)[0]
    enrol(owner, "ann", vector, model)
    assert [match.external_id for match in found(owner, vector, model)] == ["ann"]


def test_wide_embeddings_are_stored_in_half_precision(
    owner: Connection, model: ModelVersion
) -> None:
    stored = owner.execute(
        "SELECT format_type(atttypid, atttypmod) FROM pg_attribute"
        " WHERE attrelid = 'embedding_1'::regclass AND attname = 'embedding'"
    ).fetchone()
    assert stored == ({128: "vector(128)", 512: "halfvec(512)"}[model.dimension],)


def test_two_models_live_side_by_side_and_never_compare(
    owner: Connection, model: ModelVersion
) -> None:
    other = model_versions.register(owner, "net", "2", model.dimension, now=NOW)
    new_collection(owner)
    old, new = vectors(model, 2)
    for external_id, vector, used in (("ann", old, model), ("bob", new, other)):
        new_subject(owner, external_id)
        enrol(owner, external_id, vector, used)
    assert [match.external_id for match in found(owner, old, model)] == ["ann"]
    assert found(owner, old, other) == ()
    assert [match.external_id for match in found(owner, new, other)] == ["bob"]
    assert competing_faces(owner, "staff", model=other, now=NOW) == 1
    assert faces.page(owner, "staff", "bob", cursor=None, limit=1).items[0].models == ("net@2",)
    assert statistics.counts(owner).embeddings == 2
    assert integrity.verify(owner) == ()
    forget_subject(owner, "staff", "bob")
    assert statistics.counts(owner).embeddings == 1


def test_a_name_with_quotes_in_it_is_only_a_name(owner: Connection) -> None:
    name = 'x"; DROP TABLE face; --'
    model = model_versions.register(owner, name, "'", 8, now=NOW)
    assert model_versions.get(owner, name, "'") == model
    assert owner.execute("SELECT FROM face").rowcount == 0
