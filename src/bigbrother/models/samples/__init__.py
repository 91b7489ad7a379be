"""A photo to try the product with."""

import json
from collections.abc import Sequence
from importlib import resources


def sample_photo() -> bytes:
    """A portrait of one person as JPEG, 512 x 512 pixels. Source and rights: LICENCE.md beside."""
    return resources.files(__name__).joinpath("astronaut.jpg").read_bytes()


def reference_embedding(pack: str, version: str) -> Sequence[float] | None:
    """The embedding, of unit length, of the photo's face as a shipped pack computes it.

    None for a pack, or a version of one, that did not come with the product. Made by
    `python -m scripts.sample_embeddings`.
    """
    text = resources.files(__name__).joinpath("embeddings.json").read_text("ascii")
    known: dict[str, list[float]] = json.loads(text)
    return known.get(f"{pack} {version}")
