"""A batch is taken in whole or not at all: one transaction stores it, sealed, and queues it."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from bigbrother.face.batch import batches, endings, fairness, queue
from bigbrother.face.batch.errors import (
    BatchEmpty,
    BatchQueueFull,
    BatchTooLarge,
    BatchTooManyItems,
    ExternalIdMissing,
)
from bigbrother.face.batch.records import (
    Batch,
    BatchOptions,
    Client,
    Kind,
    NewItem,
    Priority,
    Refusal,
)
from bigbrother.face.batch.refusals import refusal_of
from bigbrother.face.batch.sealing import BatchSeal, ItemRequest, new_seal
from bigbrother.face.gallery import collections, erasure, given
from bigbrother.face.gallery.ledger import Ledger
from bigbrother.face.gallery.statements import GalleryConnection, load, row
from bigbrother.kernel.errors import InvalidInput
from bigbrother.kernel.ids import new_id
from bigbrother.kernel.quantity import Quantity
from bigbrother.runbook import model as runbook_model
from bigbrother.security.keys import MasterKey
from bigbrother.security.subject_mac import subject_mac

_SQL = load("submission", "bigbrother.face.batch")
_WINDOW_BYTES = 4_000_000
"""Images go to the database in portions of this size, and of so many items at the most."""
_WINDOW_ITEMS = 1000
_NO_CHUNK = 0


class Images(Protocol):
    """Where the items of a new batch come from; each is read when its turn comes."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[NewItem]: ...


@dataclass(frozen=True, slots=True)
class NewBatch:
    """What is asked for, apart from the images."""

    kind: Kind
    collection: str | None
    """Of an enrolment or identification."""
    priority: Priority
    chunk: int | None
    """Images that a worker takes at once; None takes the document's `batch.chunk`."""
    options: BatchOptions
    client: Client
    webhook_url: str | None = None
    webhook_secret: bytes | None = None


@dataclass(frozen=True, slots=True)
class _StoredItem:
    number: int
    chunk: int
    request: bytes
    mac: bytes | None
    sha256: bytes | None
    image: bytes | None
    refusal: Refusal | None


def submit(
    conn: GalleryConnection,
    new: NewBatch,
    images: Images,
    *,
    figures: runbook_model.Batch,
    ledger: Ledger,
    master_key: MasterKey,
    now: datetime,
) -> Batch:
    """Stores the batch and queues it; items that are refused already end at once.

    Who was erased while the images arrived does not come back with them.

    Raises BatchEmpty, BatchTooManyItems, BatchTooLarge, BatchQueueFull, CollectionNotFound, and
    what reading the images raises; then nothing of it stays.
    """
    _check_size(conn, len(images), figures)
    erased_before = ledger.newest()
    # As long as it takes: a slow client was already waited for, and nobody else waits for this.
    conn.execute(_SQL["lift_time_limits"])
    collection_id = None
    if new.collection is not None:
        collection_id = collections.hold(conn, new.collection).id
    batch_id = new_id(now)
    seal, wrapped_key = new_seal(batch_id, master_key)
    secret = new.webhook_secret
    conn.execute(
        _SQL["create"],
        {
            "id": batch_id,
            "kind": new.kind,
            "priority": new.priority,
            "collection_id": collection_id,
            **asdict(new.client),
            "options": new.options.model_dump_json(),
            "wrapped_key": wrapped_key,
            "webhook_url": new.webhook_url,
            "sealed_webhook_secret": None if secret is None else seal.webhook_secret(secret),
            "items": len(images),
            "now": now,
        },
    )
    store = _Store(conn, new, collection_id, seal, figures, master_key.derive(b"subject"))
    finished = store.all(images, now)
    # Not earlier: storing takes its time, and nobody waits for it to be erased.
    erasure.keep_waiting(conn)
    for line in ledger.erasures(after=erased_before):
        ended = endings.erase_items(
            conn,
            subject_mac=line.subject_mac,
            image_sha256=line.image_sha256,
            before=None,
            now=now,
        )
        finished = finished or batch_id in ended
    if finished and new.webhook_url is not None:
        queue.defer_webhook(conn, batch_id)
    fairness.enqueue(conn, batch_id, new.client.token_id, new.priority, store.chunks())
    return batches.get(conn, batch_id)


def _check_size(conn: GalleryConnection, items: int, figures: runbook_model.Batch) -> None:
    if items == 0:
        raise BatchEmpty("The batch holds no image.", remedy="Send at least one image.")
    if items > figures.items:
        raise too_many_items(figures)
    waiting = (row(conn, _SQL["waiting_items"], {}) or {})["waiting"]
    if waiting + items > figures.waiting_items:
        raise BatchQueueFull(
            f"{waiting} images are waiting; with these there would be more than "
            f"{figures.waiting_items}.",
            remedy="Send the batch again when workers have caught up.",
        )


def too_many_items(figures: runbook_model.Batch) -> BatchTooManyItems:
    """The refusal of a batch with more images than one may have."""
    return BatchTooManyItems(
        f"The batch has more than {figures.items} images.", remedy="Send it as several batches."
    )


def too_large(limit: Quantity) -> BatchTooLarge:
    """The refusal of a batch with more bytes than one may have."""
    return BatchTooLarge(
        f"The images have more than {limit} together.", remedy="Send them as several batches."
    )


class _Store:
    """Writes items and images of one batch, a window at a time."""

    def __init__(
        self,
        conn: GalleryConnection,
        new: NewBatch,
        collection_id: UUID | None,
        seal: BatchSeal,
        figures: runbook_model.Batch,
        subject_key: bytes,
    ) -> None:
        self._conn = conn
        self._new = new
        self._collection_id = collection_id
        self._seal = seal
        self._limit = figures.size
        self._chunk_items = new.chunk or figures.chunk
        self._subject_key = subject_key
        self._bytes = 0
        self._waiting = 0

    def all(self, images: Images, now: datetime) -> bool:
        """Stores every item and ends the refused ones; whether that finished the batch."""
        items = (self._stored(number, item) for number, item in enumerate(images, start=1))
        finished = False
        refused: list[endings.Ending] = []
        for window in _windows(items):
            self._copy_items(window)
            self._copy_images(window)
            refused += [self._refused(one) for one in window if one.refusal is not None]
            if len(refused) >= _WINDOW_ITEMS:
                finished = endings.end_items(self._conn, self._seal.batch_id, refused, now=now)
                refused = []
        if refused:
            finished = endings.end_items(self._conn, self._seal.batch_id, refused, now=now)
        return finished

    def chunks(self) -> list[fairness.Chunk]:
        """The chunks of the items that wait."""
        full, rest = divmod(self._waiting, self._chunk_items)
        sizes = [self._chunk_items] * full + [rest] * (rest > 0)
        return [fairness.Chunk(number, size) for number, size in enumerate(sizes, start=1)]

    def _stored(self, number: int, item: NewItem) -> _StoredItem:
        external_id, refusal = self._subject(item)
        image: bytes | None = None
        chunk = _NO_CHUNK
        if isinstance(item.image, Refusal):
            refusal = item.image
        elif refusal is None:
            image = item.image
            self._count(image)
            chunk = self._waiting // self._chunk_items + 1
            self._waiting += 1
        mac = None
        if self._collection_id is not None and external_id is not None:
            mac = subject_mac(self._subject_key, self._collection_id, external_id)
        request = ItemRequest(item.name, external_id, item.subject_name)
        return _StoredItem(
            number=number,
            chunk=chunk,
            request=self._seal.request(number, request),
            mac=mac,
            sha256=None if image is None else hashlib.sha256(image).digest(),
            image=None if image is None else self._seal.image(number, image),
            refusal=refusal,
        )

    def _count(self, image: bytes) -> None:
        self._bytes += len(image)
        if self._bytes > self._limit.value:
            raise too_large(self._limit)

    def _subject(self, item: NewItem) -> tuple[str | None, Refusal | None]:
        """Whose face is enrolled; or why it can be nobody's."""
        if self._new.kind != "enrol":
            return None, None
        try:
            if item.external_id is None:
                raise ExternalIdMissing(
                    "The image has no external id.",
                    remedy="Give it with `items`, or put it into a folder of this name.",
                )
            given.text(item.subject_name, "subject's name")
            return given.external_id(item.external_id), None
        except InvalidInput as error:
            return None, refusal_of(error)

    def _refused(self, one: _StoredItem) -> endings.Ending:
        told = None if one.refusal is None else asdict(one.refusal)
        result = self._seal.result(one.number, {"answer": None, "refusal": told})
        return endings.Ending(one.number, "failed", result)

    def _copy_items(self, window: list[_StoredItem]) -> None:
        with self._conn.cursor() as cursor, cursor.copy(_SQL["copy_items"]) as copy:
            copy.set_types(["uuid", "int4", "int4", "text", "bytea", "bytea", "bytea"])
            for one in window:
                copy.write_row(
                    (
                        self._seal.batch_id,
                        one.number,
                        one.chunk,
                        "pending",
                        one.request,
                        one.mac,
                        one.sha256,
                    )
                )

    def _copy_images(self, window: list[_StoredItem]) -> None:
        with self._conn.cursor() as cursor, cursor.copy(_SQL["copy_images"]) as copy:
            copy.set_types(["uuid", "int4", "bytea"])
            for one in window:
                if one.image is not None:
                    copy.write_row((self._seal.batch_id, one.number, one.image))


def _windows(items: Iterator[_StoredItem]) -> Iterator[list[_StoredItem]]:
    """The items in portions that memory can hold."""
    window: list[_StoredItem] = []
    size_bytes = 0
    for item in items:
        window.append(item)
        size_bytes += len(item.image or b"")
        if size_bytes >= _WINDOW_BYTES or len(window) >= _WINDOW_ITEMS:
            yield window
            window, size_bytes = [], 0
    if window:
        yield window
