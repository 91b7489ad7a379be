"""Identifiers that sort by the time they were made."""

import os
import uuid
from datetime import datetime


def new_id(now: datetime) -> uuid.UUID:
    """A UUID version 7 for the given time. Source: RFC 9562, section 5.7."""
    milliseconds = int(now.timestamp() * 1000) & 0xFFFF_FFFF_FFFF
    random = int.from_bytes(os.urandom(10), "big")
    value = milliseconds << 80
    value |= 0x7 << 76
    value |= (random >> 68 & 0xFFF) << 64
    value |= 0b10 << 62
    value |= random & 0x3FFF_FFFF_FFFF_FFFF
    return uuid.UUID(int=value)
