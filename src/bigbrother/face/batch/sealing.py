"""Every batch has a key of its own: names, images and results lie in the database sealed.

Destroying a batch's row destroys its key, and with it what any copy of its other rows could tell.
"""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic_core import from_json, to_json

from bigbrother.face.batch.errors import BatchNotFound
from bigbrother.face.gallery.statements import GalleryConnection
from bigbrother.security.keys import MasterKey, new_key, open_sealed, seal


@dataclass(frozen=True, slots=True)
class ItemRequest:
    """What was asked for one item, apart from its image."""

    name: str
    external_id: str | None
    subject_name: str


@dataclass(frozen=True, slots=True)
class BatchSeal:
    """Seals and opens what belongs to one batch."""

    batch_id: UUID
    key: bytes

    def image(self, number: int, encoded: bytes) -> bytes:
        """The item's encoded image, sealed."""
        return seal(self.key, encoded, self._context("image", number))

    def open_image(self, number: int, sealed: bytes) -> bytes:
        """What `image` was given; raises SealBroken."""
        return open_sealed(self.key, sealed, self._context("image", number))

    def request(self, number: int, request: ItemRequest) -> bytes:
        """What was asked for the item, sealed."""
        texts = [request.name, request.external_id, request.subject_name]
        return seal(self.key, json.dumps(texts).encode(), self._context("request", number))

    def open_request(self, number: int, sealed: bytes) -> ItemRequest:
        """What `request` was given; raises SealBroken."""
        return ItemRequest(
            *json.loads(open_sealed(self.key, sealed, self._context("request", number)))
        )

    def result(self, number: int, result: dict[str, Any]) -> bytes:
        """How the item ended, sealed: an answer or a refusal, as `outcomes` makes them."""
        return seal(self.key, to_json(result), self._context("result", number))

    def open_result(self, number: int, sealed: bytes) -> dict[str, Any]:
        """What `result` was given; raises SealBroken."""
        opened: dict[str, Any] = from_json(
            open_sealed(self.key, sealed, self._context("result", number))
        )
        return opened

    def webhook_secret(self, secret: bytes) -> bytes:
        """The key with which the end of the batch is signed, sealed."""
        return seal(self.key, secret, self._context("webhook", 0))

    def open_webhook_secret(self, sealed: bytes) -> bytes:
        """What `webhook_secret` was given; raises SealBroken."""
        return open_sealed(self.key, sealed, self._context("webhook", 0))

    def _context(self, what: str, number: int) -> bytes:
        return f"batch-{what}:{number}:".encode() + self.batch_id.bytes


def new_seal(batch_id: UUID, master_key: MasterKey) -> tuple[BatchSeal, bytes]:
    """The seal of a new batch, and its key wrapped for the batch's row."""
    key = new_key()
    return BatchSeal(batch_id, key), master_key.wrap(key, _key_context(batch_id))


def seal_of(conn: GalleryConnection, batch_id: UUID, master_key: MasterKey) -> BatchSeal:
    """The seal of a stored batch; raises BatchNotFound, SealBroken."""
    found = conn.execute("SELECT wrapped_key FROM batch WHERE id = %s", (batch_id,)).fetchone()
    if found is None:
        raise BatchNotFound(f"There is no batch {batch_id}.", remedy="List the batches.")
    return BatchSeal(batch_id, master_key.unwrap(found[0], _key_context(batch_id)))


def _key_context(batch_id: UUID) -> bytes:
    return b"batch-key:" + batch_id.bytes
