"""Small images that are quickly analysed."""

import io

from PIL import Image


def blank(size_pixels: int) -> bytes:
    """A white square; every size is another file."""
    buffer = io.BytesIO()
    Image.new("RGB", (size_pixels, size_pixels), "white").save(buffer, "PNG")
    return buffer.getvalue()
