"""Aligned faces to embeddings."""

from collections.abc import Sequence

import numpy as np

from bigbrother.face.engine.session import open_session
from bigbrother.face.engine.types import Embedding, Image

_FACES_AT_ONCE = 8
"""On a CPU a face costs the same alone as in a batch; this bounds the memory of a crowd."""
_DECIMALS = 8


class Embedder:
    """One session of an embedding network; threads may share it."""

    def __init__(self, network: bytes) -> None:
        self._session = open_session(network)

    @property
    def provider(self) -> str:
        """What it runs on, as ONNX Runtime names it: `CPUExecutionProvider`."""
        return str(self._session.get_providers()[0])

    def embed(self, crops: Sequence[Image]) -> list[Embedding]:
        """Embeddings of unit length, one for each aligned crop, in their order."""
        made: list[Embedding] = []
        for first in range(0, len(crops), _FACES_AT_ONCE):
            batch = np.stack(crops[first : first + _FACES_AT_ONCE])
            (raw,) = self._session.run(["embeddings"], {"images": batch})
            made.extend(unit_length(np.asarray(raw, np.float32)))
        return made


def unit_length(vectors: Embedding) -> Embedding:
    """Vectors of shape [n, dimension] scaled to length 1."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, np.finfo(np.float32).tiny), np.float32)


def written(embedding: Embedding) -> list[float]:
    """An embedding's components as they are sent: to 8 decimals, half the length of all digits.

    That moves a similarity by less than float32 does anyway.
    """
    components: list[float] = embedding.astype(np.float64).round(_DECIMALS).tolist()
    return components
