"""Packs points into few bytes: whole numbers, their differences, then deflate.

A column of figures becomes whole numbers by the least power of ten that makes all of them whole;
one that has no such power is kept as it is, eight bytes a figure. Nothing is lost either way.
"""

import math
import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_VERSION = 1
_LARGEST_POWER = 12
_PLAIN = 255
_EXACT = 2.0**53
"""Whole numbers below it are exact as floats."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Points in the order of time: one time each, and as many figures as there are columns."""

    times: tuple[int, ...]
    """Whole numbers in any unit."""
    values: tuple[tuple[float, ...], ...]
    """A column each, as long as `times`; finite."""


def pack(columns: Columns) -> bytes:
    """The points as bytes."""
    body = bytearray()
    _numbers(body, (len(columns.times), len(columns.values)))
    _numbers(body, _differences(_differences(columns.times)))
    for column in columns.values:
        power = _power(column)
        body.append(power)
        if power == _PLAIN:
            body += struct.pack(f"<{len(column)}d", *column)
        else:
            _numbers(body, _differences(_scaled(column, power)))
    return bytes([_VERSION]) + zlib.compress(bytes(body), 9)


def unpack(packed: bytes) -> Columns:
    """The points that were packed; raises ValueError for anything else."""
    if not packed or packed[0] != _VERSION:
        raise ValueError("These are no points.")
    try:
        return _unpacked(zlib.decompress(packed[1:]))
    except (IndexError, struct.error, zlib.error) as error:
        raise ValueError(f"These points are damaged: {error}.") from error


def _unpacked(body: bytes) -> Columns:
    (length, width), place = _read(body, 0, 2)
    seconds, place = _read(body, place, length)
    times = _sums(_sums(seconds))
    values = []
    for _ in range(width):
        power = body[place]
        place += 1
        if power == _PLAIN:
            column: tuple[float, ...] = struct.unpack_from(f"<{length}d", body, place)
            place += 8 * length
        else:
            numbers, place = _read(body, place, length)
            column = tuple(number / 10**power for number in _sums(numbers))
        values.append(column)
    return Columns(tuple(times), tuple(values))


def _power(column: Sequence[float]) -> int:
    """The least power of ten that makes every figure whole and gives it back exactly."""
    power = 0
    for value in column:
        while power <= _LARGEST_POWER and not _whole(value, power):
            power += 1
        if power > _LARGEST_POWER:
            return _PLAIN
    # A figure that was whole with a lower power may be too large for the one that was needed.
    return power if all(_whole(value, power) for value in column) else _PLAIN


def _whole(value: float, power: int) -> bool:
    scaled = value * 10**power
    if abs(scaled) >= _EXACT:
        return False
    back = round(scaled) / 10**power
    return back == value and math.copysign(1.0, back) == math.copysign(1.0, value)


def _scaled(column: Sequence[float], power: int) -> list[int]:
    return [round(value * 10**power) for value in column]


def _differences(numbers: Sequence[int]) -> list[int]:
    return [number - before for before, number in zip((0, *numbers), numbers, strict=False)]


def _sums(numbers: Iterable[int]) -> list[int]:
    total = 0
    sums = []
    for number in numbers:
        total += number
        sums.append(total)
    return sums


def _numbers(body: bytearray, numbers: Iterable[int]) -> None:
    """Small numbers take one byte: seven bits each, the sign in the lowest."""
    for number in numbers:
        rest = number * 2 if number >= 0 else -number * 2 - 1
        while rest > 127:
            body.append(rest & 127 | 128)
            rest >>= 7
        body.append(rest)


def _read(body: bytes, place: int, count: int) -> tuple[list[int], int]:
    numbers = []
    for _ in range(count):
        number = shift = 0
        while body[place] > 127:
            number |= (body[place] & 127) << shift
            shift += 7
            place += 1
        number |= body[place] << shift
        place += 1
        numbers.append(-(number + 1) // 2 if number & 1 else number // 2)
    return numbers, place
