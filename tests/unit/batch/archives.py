"""Zip files as they should be, and as somebody may build them to do harm."""

import io
import struct
import zipfile
import zlib
from collections.abc import Sequence

from tests.integration.api.images import png


def zipped(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A plain archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return made.getvalue()


def raw_zip(
    entries: Sequence[tuple[bytes, bytes]],
    *,
    flags: int = 0,
    unpacked_bytes: int | None = None,
    crc: int | None = None,
    method: int = 0,
    made_by: int = 3 << 8,
    attributes: int = 0,
) -> bytes:
    """An archive written by hand, so that its directory can lie."""
    body, directory = b"", b""
    for name, data in entries:
        size = len(data) if unpacked_bytes is None else unpacked_bytes
        check = zlib.crc32(data) if crc is None else crc
        offset = len(body)
        common = struct.pack(
            "<5H3L2H", 20, flags, method, 0, 0, check, len(data), size, len(name), 0
        )
        body += b"PK\x03\x04" + common + name + data
        directory += b"PK\x01\x02" + struct.pack("<H", made_by | 20) + common
        directory += struct.pack("<3H2L", 0, 0, 0, attributes, offset) + name
    return body + directory + end_record(len(entries), len(directory), len(body))


def end_record(entries: int, directory_bytes: int, offset: int) -> bytes:
    """The last record of an archive."""
    return b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, entries, entries, directory_bytes, offset, 0)


def overlapping_bomb(files: int = 50, kernel_bytes: int = 20_000_000) -> bytes:
    """Many entries of the directory, all of them the same packed bytes."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = compressor.compress(bytes(kernel_bytes)) + compressor.flush()
    check = zlib.crc32(bytes(kernel_bytes))
    common = struct.pack("<5H3L2H", 20, 0, 8, 0, 0, check, len(packed), kernel_bytes, 5, 0)
    body = b"PK\x03\x04" + common + b"a.png" + packed
    directory = b"".join(
        b"PK\x01\x02"
        + struct.pack("<H", 20)
        + common
        + struct.pack("<3H2L", 0, 0, 0, 0, 0)
        + b"a.png"
        for _ in range(files)
    )
    return body + directory + end_record(files, len(directory), len(body))


def picture() -> bytes:
    """A small image without faces."""
    return png(16, 16)
