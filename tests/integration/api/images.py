"""Pictures that a service should refuse, or take, made in memory."""

import base64
import io
import struct
import zlib
from collections.abc import Sequence

import numpy as np
from PIL import Image


def b64(data: bytes) -> str:
    """Base64 as JSON carries it."""
    return base64.b64encode(data).decode()


def png(width: int = 64, height: int = 64) -> bytes:
    """A grey picture without faces."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (120, 120, 120)).save(buffer, "PNG")
    return buffer.getvalue()


def animation(kind: str) -> bytes:
    """Two frames as GIF, PNG or WEBP."""
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "blue")]
    buffer = io.BytesIO()
    frames[0].save(buffer, kind, save_all=True, append_images=frames[1:], duration=100)
    return buffer.getvalue()


def saved(kind: str) -> bytes:
    """A still picture in a format."""
    buffer = io.BytesIO()
    Image.new("RGB", (32, 32), "green").save(buffer, kind)
    return buffer.getvalue()


def png_claiming(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG whose header claims a size; the pixels may be anything."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", header),
            chunk(b"IDAT", zlib.compress(data)),
            chunk(b"IEND", b""),
        )
    )


def png_bomb() -> bytes:
    """A small file that unpacks to far more than the picture that it claims to be."""
    return png_claiming(100, 100, bytes(60_000_000))


def row_of(photo: bytes, count: int) -> bytes:
    """The photo several times side by side."""
    one = Image.open(io.BytesIO(photo)).convert("RGB")
    wide = Image.new("RGB", (one.width * count, one.height))
    for index in range(count):
        wide.paste(one, (index * one.width, 0))
    buffer = io.BytesIO()
    wide.save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def enlarged(photo: bytes, side: int) -> bytes:
    """The photo scaled to a square of this side, as JPEG."""
    buffer = io.BytesIO()
    Image.open(io.BytesIO(photo)).resize((side, side)).save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def tiny_face(photo: bytes) -> bytes:
    """The photo so small that its face is found and too poor to enrol."""
    small = Image.open(io.BytesIO(photo)).convert("RGB").resize((90, 90))
    canvas = Image.new("RGB", (256, 256), (90, 90, 90))
    canvas.paste(small, (80, 80))
    buffer = io.BytesIO()
    canvas.save(buffer, "PNG")
    return buffer.getvalue()


def noise(width: int, height: int) -> bytes:
    """Random pixels as PNG: takes its time to decode."""
    pixels = np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def form_body(parts: Sequence[tuple[str, bytes]], boundary: str = "b") -> bytes:
    """A multipart body written by hand, so that it can be wrong."""
    made = b""
    for disposition, content in parts:
        made += f"--{boundary}\r\nContent-Disposition: {disposition}\r\n\r\n".encode()
        made += content + b"\r\n"
    return made + f"--{boundary}--\r\n".encode()
