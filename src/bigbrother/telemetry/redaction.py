"""Keeps secrets and images out of the logs."""

import re
from collections.abc import Mapping

REDACTED = "[redacted]"
_SECRET_KEYS = frozenset(
    {"authorization", "token", "secret", "password", "cookie", "set-cookie", "master_key", "key"}
)
_PATTERNS = (
    re.compile(r"bb_[0-9a-fA-F]{8,}_[0-9A-Za-z_-]+"),
    re.compile(r"(?i)(?<=bearer )\S+"),
    re.compile(r"(?i)(?<=basic )\S+"),
    re.compile(r"(?i)(?<=password=)[^\s'\"]+"),
    # Of a connection string that is a URL.
    re.compile(r"(?<=://)[^\s/@]*:[^\s/@]+(?=@)"),
    # Anything this long without a space is an image or a key, not something a person reads.
    re.compile(r"[A-Za-z0-9+/_-]{120,}={0,2}"),
)


def redact_text(text: str) -> str:
    """The text without tokens, credentials and base64 images."""
    for pattern in _PATTERNS:
        text = pattern.sub(REDACTED, text)
    return text


def redact(value: object, key: str = "") -> object:
    """The value without secrets; looks into mappings and sequences, and replaces bytes."""
    if key.lower() in _SECRET_KEYS:
        return REDACTED
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return f"[{len(value)} bytes]"
    if isinstance(value, Mapping):
        return {name: redact(item, str(name)) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(item) for item in value]
    return value
