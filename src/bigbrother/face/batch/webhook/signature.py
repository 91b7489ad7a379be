"""How a receiver knows that a webhook is ours, and fresh."""

import hmac


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """`v1=` and HMAC-SHA256 in hexadecimal over the timestamp, a full stop and the body."""
    return "v1=" + hmac.digest(secret, timestamp.encode() + b"." + body, "sha256").hex()
