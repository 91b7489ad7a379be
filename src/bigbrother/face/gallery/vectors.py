"""Embeddings on their way into SQL."""

import numpy as np

from bigbrother.face.engine.types import Embedding
from bigbrother.face.gallery.errors import InvalidEmbedding
from bigbrother.face.gallery.records import ModelVersion

_UNIT_TOLERANCE = 1e-3
"""As in verify_integrity(): beyond it the inner product is no cosine any more."""


def vector_text(embedding: Embedding, model: ModelVersion) -> str:
    """The embedding as pgvector reads it; raises InvalidEmbedding.

    It must have the model's dimension, finite components and unit length.
    """
    if embedding.shape != (model.dimension,):
        raise InvalidEmbedding(
            f"An embedding of shape {embedding.shape} is not one of {model.name}@{model.version}.",
            remedy=f"Send {model.dimension} figures of that model.",
        )
    length = float(np.linalg.norm(embedding.astype(np.float64)))
    # A length that is not a number fails this comparison too.
    if not abs(length - 1) <= _UNIT_TOLERANCE:
        raise InvalidEmbedding(
            f"The embedding's length is {length}, not 1.", remedy="Divide it by its length."
        )
    return f"[{','.join(map(repr, embedding.tolist()))}]"
