"""What the face analyzer keeps in mind, counts, repeats and waits for."""

import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import numpy as np
import psycopg
from starlette.requests import Request

from bigbrother.face.api import batch_results, idempotency
from bigbrother.face.api.access import authenticate
from bigbrother.face.api.metrics import numbers_flight
from bigbrother.face.api.self_test import SelfTest
from bigbrother.face.api.services import FaceServices
from bigbrother.face.gallery.records import ModelVersion
from bigbrother.kernel.clock import Clock
from bigbrother.models.store import PackStore
from bigbrother.runbook.model import Runbook
from bigbrother.security.keys import MasterKey
from bigbrother.security.tokens import Token, _hash
from tests.fakes.clock import FakeClock
from tests.fakes.database import Answer, FakeConnection, nothing
from tests.unit.runbook.pauses import Pauses
from tests.unit.runbook.probe import Probe
from tests.unit.runbook.virtual_time import VirtualTime

NOWHERE = Path("/nonexistent")
NOW = FakeClock().now()
ID = UUID(int=7)
SECRET = "0" * 64
TOKEN = Token(ID, "door", "admin", NOW, None, None, None)
PACKS = PackStore(NOWHERE)
MANIFEST = PACKS.load("sface").manifest
MODEL = ModelVersion(1, "sface", "1", 4)


def face_services(
    runbook: Runbook, clock: Clock | None = None, answer: Answer = nothing
) -> FaceServices:
    """The real ones, with a database and an engine that are none."""
    database: Any = FakeConnection(answer)
    engine: Any = SimpleNamespace(analyze=lambda *_: analysis(1.0), provider="CPU")
    return FaceServices(
        runbook=runbook,
        clock=clock or FakeClock(),
        analyzer=engine,
        packs=PACKS,
        manifest=MANIFEST,
        master_key=MasterKey(bytes(32)),
        pool=database,
        version="1",
        engine_threads=1,
        public=False,
        spool=NOWHERE,
        ledger_folder=NOWHERE,
        watcher_sign=NOWHERE,
    )


def analysis(similarity: float) -> object:
    """One face, so similar to that of similarity 1."""
    embedding = np.array([similarity, np.sqrt(1 - similarity**2)], np.float32)
    return SimpleNamespace(faces=[SimpleNamespace(embedding=embedding)])


def request(authorization: str = "") -> Request:
    headers = [(b"authorization", authorization.encode()), (b"idempotency-key", b"k")]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": headers})


def remembered_tokens(runbook: Runbook) -> object:
    """How long a token is known without the database."""
    clock = FakeClock()
    cache = face_services(runbook, clock).token_cache
    text = f"bb_{ID.hex}_{SECRET}"
    cache.verify(text, lambda _: TOKEN)
    seen = []
    for _ in range(100):
        seen.append(cache.find(text) is not None)
        clock.forward(0.1)
    return seen


def noted_uses(runbook: Runbook) -> object:
    """After which time the use of a token is written down again."""
    seen = []
    for seconds in (10, 40, 80, 200, 1000):
        used = NOW - timedelta(seconds=seconds)
        row = (_hash(SECRET), ID, "door", "admin", NOW, None, None, used)
        services = face_services(runbook, answer=lambda _, row=row: [row])  # type: ignore[misc]
        asyncio.run(authenticate(request(f"Bearer bb_{ID.hex}_{SECRET}"), services))
        asked: Any = services.pool
        seen.append(len(asked.asked))
    return seen


def health(runbook: Runbook) -> object:
    """How alike the sample's face must be to itself, and how long an answer is repeated."""
    clock = FakeClock()
    services = face_services(runbook, clock)
    tested = SelfTest(services)
    engine: Any = services.analyzer
    database: Any = services.pool

    async def look() -> object:
        seen = []
        for similarity in (0.9, 0.98, 0.985, 0.992, 0.999):
            engine.analyze = lambda *_, similarity=similarity: analysis(similarity)
            seen.append((await tested._check_model()).status)
        asked = []
        for _ in range(20):
            await tested.database.result()
            asked.append(len(database.asked))
            clock.forward(0.25)
        return seen, asked

    return asyncio.run(look())


def slow_engine(runbook: Runbook) -> object:
    """How long the engine is waited for before the service is called ill."""
    clock, free = VirtualTime(), threading.Event()
    services = face_services(runbook, clock)
    tested = SelfTest(services)
    engine: Any = services.analyzer
    engine.analyze = lambda *_: free.wait(10)
    found = clock.run(tested._check_model())
    free.set()
    return found.status, clock.seconds


def counts_of_gallery(runbook: Runbook) -> object:
    """How often the database is asked for the figures of /metrics."""
    clock = FakeClock()
    asked: list[float] = []

    def away(_: str) -> list[Any]:
        asked.append(clock.seconds)
        raise psycopg.OperationalError

    flight = numbers_flight(face_services(runbook, clock, away))

    async def look() -> None:
        for _ in range(20):
            await flight.result()
            clock.forward(4)

    asyncio.run(look())
    return asked


def turns(runbook: Runbook) -> object:
    """How many batches are stored at once."""
    waiting = face_services(runbook).batch_turns

    async def take() -> int:
        taken = 0
        while not waiting.locked():
            await waiting.acquire()
            taken += 1
        return taken

    return asyncio.run(take())


def following(runbook: Runbook) -> object:
    """When somebody who follows results hears of something."""
    clock = VirtualTime()
    services = face_services(runbook, clock)
    looked: list[float] = []

    async def next_page() -> tuple[bytes, bool]:
        looked.append(clock.seconds)
        return b"", clock.seconds > 60

    async def follow(lines: AsyncIterator[bytes]) -> list[tuple[float, bytes]]:
        return [(clock.seconds, line) async for line in lines]

    lines: Any = SimpleNamespace(next_page=next_page)
    told = batch_results.tell(services, lines, (b"", False), follow=True)
    return clock.run(follow(told)), looked


def kept_keys(runbook: Runbook) -> object:
    return idempotency.keyed(request(), "k", b"", TOKEN, face_services(runbook))


def rights(runbook: Runbook) -> object:
    """How often the audit is anchored, and erasures are tried again."""
    seen: list[object] = []
    for well in (True, False):
        keeper: Any = face_services(runbook).rights
        keeper._stopping = pauses = Pauses()
        keeper._try = lambda _, well=well: well
        keeper._run()
        seen.append(pauses.waited)
    return seen


def counting(runbook: Runbook) -> object:
    """In collections of which size faces are counted how often."""
    seen = []
    for faces in (10_000, 15_000, 30_000):
        clock = FakeClock()
        services = face_services(runbook, clock, gallery(faces))
        database: Any = services.pool
        for _ in range(10):
            services.competition.faces(database, "staff", MODEL, NOW)
            seen.append(len(database.asked))
            clock.forward(0.3)
    return seen


def gallery(faces: int) -> Answer:
    """A database with one collection, and nobody who resembles anybody."""
    row = {
        "id": ID,
        "name": "staff",
        "description": "",
        "keep_crops": False,
        "retention": None,
        "created_at": NOW,
    }

    def answer(text: str) -> list[Any]:
        if "count(*) AS faces" in text:
            return [{"faces": faces}]
        return [row] if "FROM collection" in text else []

    return answer


FACE_UNIT: tuple[Probe, ...] = (
    Probe(("tokens.cached_for",), remembered_tokens),
    Probe(("tokens.last_used_resolution",), noted_uses),
    Probe(("health.sample_similarity", "health.cached_for"), health),
    Probe(("health.answer_within",), slow_engine),
    Probe(("health.gallery_counts_every",), counts_of_gallery),
    Probe(("batch.stored_at_once",), turns),
    Probe(("batch.follow_*",), following),
    Probe(("retention.idempotency_keys",), kept_keys),
    Probe(("audit.anchor_every", "limits.retry_after"), rights),
    Probe(("matching.exact_search_below", "matching.count_cached_for"), counting),
)
