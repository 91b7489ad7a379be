"""A photo to try the product with."""

from importlib import resources


def sample_photo() -> bytes:
    """A portrait of one person as JPEG, 512 x 512 pixels. Source and rights: LICENCE.md beside."""
    return resources.files(__name__).joinpath("astronaut.jpg").read_bytes()
