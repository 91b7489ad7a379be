"""Model versions: each has a table of its own for its embeddings, and an index over them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from psycopg import sql

from bigbrother.face.gallery.errors import (
    InvalidEmbedding,
    ModelDimensionConflict,
    ModelNotRegistered,
)
from bigbrother.face.gallery.records import ModelVersion
from bigbrother.face.gallery.statements import GalleryConnection, load, row, rows

_SQL = load("model_versions")

_WIDEST_FULL_PRECISION = 128
"""Wider embeddings are stored as half-precision floats: their exact search is several times
faster, and the rounding is far below what separates two people."""
_WIDEST_INDEXED = 4000
"""Source: pgvector, HNSW on halfvec."""


def register(
    conn: GalleryConnection, name: str, version: str, dimension: int, *, now: datetime
) -> ModelVersion:
    """The model version, with its table and index made when it is new; needs the owner's role.

    Raises ModelDimensionConflict when it is registered with another dimension, InvalidEmbedding
    for a dimension that cannot be indexed.
    """
    if not 1 <= dimension <= _WIDEST_INDEXED:
        raise InvalidEmbedding(
            f"Embeddings of {dimension} dimensions cannot be indexed.",
            remedy=f"Use a model with at most {_WIDEST_INDEXED} dimensions.",
        )
    conn.execute(_SQL["one_at_a_time"])
    found = row(conn, _SQL["get"], {"name": name, "version": version})
    if found is not None:
        model = ModelVersion(**found)
        if model.dimension != dimension:
            raise ModelDimensionConflict(
                f"{name}@{version} has {model.dimension} dimensions, not {dimension}.",
                remedy="Give the changed model a version of its own.",
            )
        return model
    made = row(
        conn, _SQL["create"], {"name": name, "version": version, "dimension": dimension, "now": now}
    )
    assert made is not None  # noqa: S101 - an INSERT without conditions
    model = ModelVersion(**made)
    for statement in ("create_table", "keep_no_samples", "create_collection_index", "grant"):
        conn.execute(compose(_SQL[statement], model))
    create_index(conn, model)
    return model


def get(conn: GalleryConnection, name: str, version: str) -> ModelVersion:
    """The registered model version; raises ModelNotRegistered."""
    found = row(conn, _SQL["get"], {"name": name, "version": version})
    if found is None:
        raise ModelNotRegistered(
            f"The gallery does not know the model {name}@{version}.", remedy="Register it first."
        )
    return ModelVersion(**found)


def registered(conn: GalleryConnection) -> tuple[ModelVersion, ...]:
    """Every model version, oldest first."""
    return tuple(ModelVersion(**found) for found in rows(conn, _SQL["all"], {}))


def create_index(conn: GalleryConnection, model: ModelVersion) -> None:
    """Builds the index over what the table holds; needs the owner's role."""
    conn.execute(compose(_SQL["create_index"], model))


def drop_index(conn: GalleryConnection, model: ModelVersion) -> None:
    """Takes the index away, as a bulk load needs it; searches stay right, and are slow."""
    conn.execute(compose(_SQL["drop_index"], model))


def of_faces(conn: GalleryConnection, faces: Iterable[UUID]) -> dict[UUID, tuple[str, ...]]:
    """For each face `name@version` of every model that has an embedding of it."""
    found: dict[UUID, tuple[str, ...]] = dict.fromkeys(faces, ())
    models = {model.id: model for model in registered(conn)}
    if not models or not found:
        return found
    parts = [compose(_SQL["having"], model) for model in models.values()]
    for one in rows(conn, sql.SQL(" UNION ALL ").join(parts), {"faces": list(found)}):
        model = models[one["model_version_id"]]
        found[one["face_id"]] += (f"{model.name}@{model.version}",)
    return found


def compose(statement: sql.SQL, model: ModelVersion) -> sql.Composed:
    """The statement with this model's table, types and operators in their places."""
    half = model.dimension > _WIDEST_FULL_PRECISION
    return statement.format(
        embeddings=sql.Identifier(f"embedding_{model.id}"),
        index=sql.Identifier(f"embedding_{model.id}_nearest"),
        id=sql.Literal(model.id),
        dimension=sql.Literal(model.dimension),
        vector=sql.Identifier("halfvec" if half else "vector"),
        operators=sql.Identifier("halfvec_ip_ops" if half else "vector_ip_ops"),
        send=sql.Identifier("halfvec_send" if half else "vector_send"),
    )
