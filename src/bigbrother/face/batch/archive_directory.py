"""The directory of a zip file, read with every bound kept, whatever the file claims.

The standard library's reader makes an object of every entry before anybody can count them, and
trusts no name that is not what its flag says. Source: PKWARE APPNOTE 6.3.10, sections 4.3 and 4.4.
"""

import os
import stat
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from bigbrother.face.batch.errors import (
    ArchiveDamaged,
    ArchiveEncrypted,
    ArchiveFormatUnsupported,
    ArchiveHostile,
    ItemCompressionUnsupported,
    ItemDamaged,
)

_END = struct.Struct("<4s4H2LH")
_END_64_LOCATOR = struct.Struct("<4sLQL")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_LONGEST_COMMENT = 65535
_READ_BYTES = 1_000_000
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _UTF_8 = 0x1, 0x800
_ZIP_64 = 0x1
_UNKNOWN_16, _UNKNOWN_32 = 0xFFFF, 0xFFFFFFFF
_REMEDY = "Pack the files anew as a plain zip file."


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the archive, as the directory describes it."""

    name: str
    method: int
    crc: int
    packed_bytes: int
    unpacked_bytes: int
    offset: int
    """Of its local header."""
    is_link: bool


def read_directory(file: int) -> Iterator[Entry]:
    """The entries in the directory's order; folders are left out.

    `file` is a descriptor. Raises ArchiveFormatUnsupported, ArchiveDamaged, ArchiveEncrypted.
    """
    begin, end = _place(file)
    window = bytearray()
    position = begin
    while position < end or window:
        if len(window) < _READ_BYTES and position < end:
            window += _read(file, position, min(_READ_BYTES, end - position))
            position = min(end, position + _READ_BYTES)
        entry, size_bytes = _entry(window, begin)
        del window[:size_bytes]
        if entry is not None:
            yield entry


def refuse_overlaps(entries: list[Entry]) -> None:
    """Raises ArchiveHostile when two files share bytes: the way of bombs that hold themselves.

    Source: Fifield, "A better zip bomb", WOOT 2019.
    """
    in_order = sorted(entries, key=lambda entry: entry.offset)
    end = 0
    for entry in in_order:
        if entry.offset < end:
            raise overlap()
        end = entry.offset + _LOCAL.size + entry.packed_bytes


def overlap() -> ArchiveHostile:
    """The refusal of an archive whose files share bytes."""
    return ArchiveHostile("Files of the archive share the same bytes.", remedy=_REMEDY)


def unpack(file: int, entry: Entry) -> bytes:
    """The file's bytes: exactly as many as the directory says, or a refusal.

    Raises ItemDamaged, ItemCompressionUnsupported. Never makes more than `unpacked_bytes`.
    """
    if entry.method not in (_STORED, _DEFLATED):
        raise ItemCompressionUnsupported(
            f"The file is compressed by method {entry.method}.",
            remedy="Pack it stored or deflated, as zip does by default.",
        )
    head = _read_up_to(file, entry.offset, _LOCAL.size)
    if len(head) < _LOCAL.size or not head.startswith(b"PK\x03\x04"):
        raise _damaged_item()
    *_, name_bytes, extra_bytes = _LOCAL.unpack(head)
    data_offset = entry.offset + _LOCAL.size + name_bytes + extra_bytes
    packed = _read_up_to(file, data_offset, entry.packed_bytes)
    data = packed if entry.method == _STORED else _inflate(packed, entry.unpacked_bytes)
    if len(data) != entry.unpacked_bytes or zlib.crc32(data) != entry.crc:
        raise _damaged_item()
    return data


def _inflate(packed: bytes, unpacked_bytes: int) -> bytes:
    decompressor = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        # One byte more than announced shows that the announcement lied.
        return decompressor.decompress(packed, unpacked_bytes + 1)
    except zlib.error as error:
        raise _damaged_item() from error


def _damaged_item() -> ItemDamaged:
    return ItemDamaged(
        "The file's bytes are not what the archive's directory says.", remedy=_REMEDY
    )


def _place(file: int) -> tuple[int, int]:
    """Where the directory begins and ends."""
    size = os.fstat(file).st_size
    tail_begin = max(0, size - _LONGEST_COMMENT - _END.size)
    tail = _read(file, tail_begin, size - tail_begin)
    found = tail.rfind(b"PK\x05\x06")
    if found < 0 or len(tail) - found < _END.size:
        if os.pread(file, 2, 0) == b"PK":
            raise _damaged("it breaks off before its directory")
        raise ArchiveFormatUnsupported("The archive is not a zip file.", remedy=_REMEDY)
    _, disk, first_disk, _, entries, length, begin, _ = _END.unpack_from(tail, found)
    end = tail_begin + found
    if _UNKNOWN_16 in (disk, entries) or _UNKNOWN_32 in (length, begin):
        end, length, begin = _place_64(file, end, length, begin)
    elif disk != first_disk:
        raise _damaged("it is a part of several")
    if begin + length > end:
        raise _damaged("its directory lies outside of it")
    return begin, begin + length


def _place_64(file: int, end: int, length: int, begin: int) -> tuple[int, int, int]:
    locator_begin = end - _END_64_LOCATOR.size
    locator = _read_up_to(file, locator_begin, _END_64_LOCATOR.size) if locator_begin > 0 else b""
    if not locator.startswith(b"PK\x06\x07"):
        # An archive with exactly 65,535 files needs none.
        return end, length, begin
    _, _, record_begin, _ = _END_64_LOCATOR.unpack(locator)
    if record_begin > locator_begin - _END_64.size:
        raise _damaged("its directory lies outside of it")
    record = _read(file, record_begin, _END_64.size)
    if not record.startswith(b"PK\x06\x06"):
        raise _damaged("its directory lies outside of it")
    *_, length, begin = _END_64.unpack(record)
    return record_begin, length, begin


def _entry(window: bytearray, directory_begin: int) -> tuple[Entry | None, int]:
    """The first entry of the window and its size; None for a folder."""
    if len(window) < _ENTRY.size or not window.startswith(b"PK\x01\x02"):
        raise _damaged("its directory cannot be read")
    fields = _ENTRY.unpack_from(window)
    made_by, flags, method, crc = fields[1], fields[3], fields[4], fields[7]
    packed, unpacked, name_bytes, extra_bytes, comment_bytes = fields[8:13]
    mode, offset = fields[15] >> 16, fields[16]
    size_bytes = _ENTRY.size + name_bytes + extra_bytes + comment_bytes
    if len(window) < size_bytes:
        raise _damaged("its directory cannot be read")
    if flags & _ENCRYPTED:
        raise ArchiveEncrypted(
            "Files of the archive are encrypted.", remedy="Pack them without a password."
        )
    raw_name = bytes(window[_ENTRY.size : _ENTRY.size + name_bytes])
    extra = bytes(window[_ENTRY.size + name_bytes : _ENTRY.size + name_bytes + extra_bytes])
    unpacked, packed, offset = _wide(extra, unpacked, packed, offset)
    if offset + _LOCAL.size + packed > directory_begin:
        raise _damaged("a file lies outside of it")
    name = _decoded(raw_name, flags)
    if name.endswith("/"):
        return None, size_bytes
    on_unix = made_by >> 8 == 3
    is_link = on_unix and stat.S_ISLNK(mode)
    return Entry(name, method, crc, packed, unpacked, offset, is_link), size_bytes


def _wide(extra: bytes, unpacked: int, packed: int, offset: int) -> tuple[int, int, int]:
    """The sizes and the offset, from the extra field where they do not fit into 32 bits."""
    values = [unpacked, packed, offset]
    if _UNKNOWN_32 not in values:
        return unpacked, packed, offset
    place = 0
    while place + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, place)
        if kind == _ZIP_64:
            wide = extra[place + 4 : place + 4 + length]
            for index, value in enumerate(values):
                if value == _UNKNOWN_32 and len(wide) >= 8:
                    values[index] = int.from_bytes(wide[:8], "little")
                    wide = wide[8:]
            break
        place += 4 + length
    return values[0], values[1], values[2]


def _decoded(raw: bytes, flags: int) -> str:
    """The name: UTF-8 where it can be, since many programs do not set its flag; else CP 437."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("utf-8", "replace") if flags & _UTF_8 else raw.decode("cp437")


def _damaged(how: str) -> ArchiveDamaged:
    return ArchiveDamaged(f"The archive is damaged: {how}.", remedy=_REMEDY)


def _read_up_to(file: int, offset: int, length: int) -> bytes:
    return os.pread(file, length, offset)


def _read(file: int, offset: int, length: int) -> bytes:
    found = os.pread(file, length, offset)
    if len(found) < length:
        raise _damaged("it breaks off")
    return found
