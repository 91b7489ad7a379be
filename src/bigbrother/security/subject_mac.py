"""How a subject is recognised by who knows its external id, where the id itself may not stand."""

import hmac
from uuid import UUID


def subject_mac(key: bytes, collection_id: UUID, external_id: str) -> bytes:
    """32 bytes that stand for the subject; without the key they tell nothing.

    `key` is the master key's `derive(b"subject")`. HMAC with SHA-256; the collection's 16 bytes
    come first, so that no other pair reads the same.
    """
    return hmac.digest(key, collection_id.bytes + external_id.encode(), "sha256")
