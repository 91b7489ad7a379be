"""What becomes of many images at once: taken in, worked on, told of, and destroyed."""

import os
import tempfile
import threading
from contextlib import suppress
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from bigbrother.entrypoints import worker as unit
from bigbrother.face.api import batches as api
from bigbrother.face.api.schemas.batches import BatchRequest
from bigbrother.face.batch import batches, identify_items, submission, work
from bigbrother.face.batch import worker as working
from bigbrother.face.batch.archive import ArchiveImages
from bigbrother.face.batch.chunks import Chunk, Item
from bigbrother.face.batch.records import BatchOptions, Refusal
from bigbrother.face.batch.sealing import new_seal
from bigbrother.face.batch.services import WorkerServices
from bigbrother.face.batch.webhook import telling
from bigbrother.face.batch.webhook.errors import WebhookFailed
from bigbrother.face.batch.worker import Worker
from bigbrother.face.engine.errors import ImageDamaged
from bigbrother.face.gallery.ledger import Ledger
from bigbrother.kernel.errors import BigBrotherError
from bigbrother.runbook.model import Runbook
from bigbrother.security.keys import MasterKey
from tests.fakes.clock import FakeClock
from tests.fakes.database import Answer, FakeConnection, nothing
from tests.unit.batch.archives import raw_zip
from tests.unit.runbook.pauses import Pauses
from tests.unit.runbook.probe import Probe
from tests.unit.runbook.probes_of_face_unit import MANIFEST, MODEL, NOW, NOWHERE, TOKEN, gallery

ID = UUID(int=9)
KEY = MasterKey(bytes(32))
SEAL, WRAPPED_KEY = new_seal(ID, KEY)
GIGABYTE = 10**9


class Ended(Exception):
    """The unit came as far as it was to come."""


def worker_services(runbook: Runbook, answer: Answer = nothing) -> Any:  # noqa: ANN401 - with fakes
    """The real ones, with a database and an engine that are none, and nobody to wait for."""
    pauses: Any = Pauses()
    services = WorkerServices(
        runbook=runbook,
        clock=FakeClock(),
        analyzer=SimpleNamespace(),  # type: ignore[arg-type]  # never asked
        manifest=MANIFEST,
        master_key=KEY,
        dsn="host=/nonexistent",
        ledger=Ledger(NOWHERE, bytes(32)),
        engine_threads=2,
        published_runbook=NOWHERE,
        leaving=pauses,
    )
    database: Any = FakeConnection(answer)
    services.pool = services.queue_pool = database
    return services


def chunk(items: int = 1) -> Chunk:
    batch: Any = SimpleNamespace(
        id=ID, kind="analyze", collection=None, options=BatchOptions(), webhook_url=None
    )
    return Chunk(batch, 1, tuple(Item(n, b"", 1) for n in range(items)), SEAL, suspect=True)


def archives(runbook: Runbook) -> object:
    """Which archives are taken, and which of their images."""
    seen: list[object] = []
    with tempfile.TemporaryFile() as file:
        for count, unpacked in (
            (6, 4 * GIGABYTE),
            *((1, size) for size in range(10**6, 10**7, 10**6)),
        ):
            packed = [(f"{n}.png".encode(), bytes(20_000)) for n in range(count)]
            file.seek(0)
            file.truncate()
            file.write(raw_zip(packed, unpacked_bytes=unpacked))
            file.flush()
            try:
                images = [found.image for found in ArchiveImages(file.fileno(), runbook)]
                seen += [isinstance(image, Refusal) and image.code for image in images]
            except BigBrotherError as refused:
                seen.append(refused.code)
    return seen


def waiting(runbook: Runbook) -> object:
    """How many images may wait when a batch comes."""
    images = 0
    with suppress(BigBrotherError):
        while True:
            images += 100_000
            submission._check_size(queue_of(images), 1, runbook.batch)
    return images


def queue_of(images: int) -> Any:  # noqa: ANN401 - no real connection
    return FakeConnection(lambda _: [{"waiting": images}])


def asked_chunks(runbook: Runbook) -> object:
    """What a batch may ask for."""
    services: Any = SimpleNamespace(runbook=runbook)
    seen = []
    for size in range(1, 400):
        try:
            api._check(BatchRequest(kind="analyze", chunk=size), TOKEN, services)
        except BigBrotherError:
            seen.append(size)
    return seen


def portions(runbook: Runbook) -> object:
    """How many images a worker reads at a time."""
    services = worker_services(runbook)
    list(work._wanted(services, chunk(items=400)))
    return [given for _, given in services.pool.asked]


def killers(runbook: Runbook) -> object:
    """After how many deaths an image is looked at no more."""
    looked: list[int] = []
    for deaths in range(1, 12):
        services = worker_services(runbook, deaths_of_image(deaths))

        def analyze(*_: object, deaths: int = deaths) -> Any:  # noqa: ANN401 - it never answers
            looked.append(deaths)
            raise ImageDamaged("It is none.", remedy="Send another.")

        work._suspiciously(services, chunk(), Item(1, b"", 1), SEAL.image(1, b"x"), analyze)
    return looked


def deaths_of_image(deaths: int) -> Answer:
    """A database without the batch, so that nothing else is done to it."""
    return lambda text: [{"deaths": deaths}] if "deaths" in text else []


def searching(runbook: Runbook) -> object:
    """What the database is asked when somebody is looked for in a large collection."""
    services = worker_services(runbook, gallery(100_000))
    services._model = MODEL
    face: Any = SimpleNamespace(embedding=np.array([1, 0, 0, 0], np.float32))
    database = services.pool
    identify_items._matches(services, database, chunk(), "staff", face, 0.5)
    return [(text, str(given)) for text, given in database.asked]


def rhythms(runbook: Runbook) -> object:
    """How many threads a worker has, and how long each of them rests."""
    services = worker_services(runbook)
    worker = Worker(services)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(working, "_complain", lambda *_: None)
        worker.start()
        for thread in (*worker._threads, *named("listen")):
            thread.join(10)
            assert not thread.is_alive(), f"{thread.name} does not rest"
    rests = {name: set(waited) for name, waited in services.leaving.waited.items()}
    return sorted(thread.name for thread in worker._threads), sorted(rests.items())


def named(name: str) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == name]


def politeness(runbook: Runbook) -> object:
    """How nice the unit is to others before it begins."""
    nice: list[int] = []

    def ended(_: object) -> None:
        raise Ended

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unit, "EndingSignals", lambda: None)
        patch.setattr(unit, "Worker", ended)
        patch.setattr(unit, "_AUTOGROUP", NOWHERE)
        patch.setattr(os, "getpriority", lambda *_: 0)
        patch.setattr(os, "setpriority", lambda _which, _who, least: nice.append(least))
        with pytest.raises(Ended):
            unit.run(worker_services(runbook), None)
    return set(nice)


def telling_of_ends(runbook: Runbook) -> object:
    """How often a webhook is called, when again, and how long its answer is waited for."""
    end = {
        **dict.fromkeys(("items", "succeeded", "failed", "cancelled", "erased"), 1),
        "id": ID,
        "kind": "analyze",
        "state": "finished",
        "created_at": NOW,
        "finished_at": NOW,
        "webhook_url": "https://hook.example.org",
        "sealed_webhook_secret": SEAL.webhook_secret(b"secret"),
    }
    waited: list[float] = []

    def answer(text: str) -> list[Any]:
        return [(WRAPPED_KEY,)] if "wrapped_key" in text else [end]

    async def post(*_: object, within_seconds: float, **__: object) -> None:
        waited.append(within_seconds)
        raise WebhookFailed("Nobody listens.", remedy="Listen.")

    services = worker_services(runbook, answer)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(telling, "post", post)
        again = [telling.tell(services, ID, attempt=attempt) for attempt in range(1, 20)]
    return again, waited


def destroying(runbook: Runbook) -> object:
    """Since when what is destroyed has been over."""
    database: Any = FakeConnection()
    batches.purge(database, retention=runbook.retention, now=NOW)
    return database.asked


BATCHES: tuple[Probe, ...] = (
    Probe(("batch.size", "batch.expansion"), archives),
    Probe(("batch.waiting_items",), waiting),
    Probe(("batch.largest_chunk",), asked_chunks),
    Probe(("batch.chunk",), portions),
    Probe(("batch.deaths",), killers),
    Probe(("matching.exact_search_below", "matching.index_search_width"), searching),
    Probe(
        (
            "batch.rescue_every",
            "batch.look_every",
            "batch.heartbeat",
            "retention.purge_every",
            "serving.document_every",
            "webhook.at_once",
        ),
        rhythms,
    ),
    Probe(("batch.niceness",), politeness),
    Probe(("webhook.*",), telling_of_ends),
    Probe(("retention.batch_*",), destroying),
)
