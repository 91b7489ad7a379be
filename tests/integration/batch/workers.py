"""Batches and the workers of tests: in this process, or in real ones that can be killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import yaml
from psycopg.rows import dict_row

from bigbrother.adapters.clock import SystemClock
from bigbrother.face.batch import batches, submission
from bigbrother.face.batch.records import (
    Batch,
    BatchOptions,
    Client,
    Kind,
    NewItem,
)
from bigbrother.face.batch.sealing import seal_of
from bigbrother.face.batch.services import WorkerServices
from bigbrother.face.batch.worker import Worker
from bigbrother.face.engine.analyzer import Analyzer
from bigbrother.face.engine.types import EngineLimits
from bigbrother.face.gallery import model_versions
from bigbrother.face.gallery.ledger import Ledger
from bigbrother.models.store import PackStore
from bigbrother.runbook.model import Runbook
from bigbrother.security.keys import MasterKey
from tests.conftest import ROOT, Database
from tests.integration.rights.batches import NO_LEDGER
from tests.waiting import until

MASTER_KEY = MasterKey(bytes(range(32)))
CLIENT = Client(uuid4(), "a test", "request-1", "testing")
QUICK: dict[str, Any] = {
    "batch": {
        "heartbeat": "200ms",
        "worker_dead_after": "1s",
        "rescue_every": "200ms",
        "look_every": "200ms",
        "first_pause": "50ms",
        "longest_pause": "1s",
    },
    "webhook": {
        "first_pause": "50ms",
        "longest_pause": "200ms",
        "answer_within": "2s",
        "allowed_networks": ["127.0.0.0/8"],
    },
    "retention": {"purge_every": "200ms"},
    "serving": {"document_every": "100ms"},
}


def quick_overlay(folder: Path, **sections: dict[str, Any]) -> Path:
    """A document whose waits are short, in a file."""
    sum_of = {
        name: {**QUICK.get(name, {}), **sections.get(name, {})} for name in {*QUICK, *sections}
    }
    path = folder / "runbook.yaml"
    path.write_text(yaml.safe_dump(sum_of), "utf-8")
    return path


def worker_services(
    dsn: str,
    runbook: Runbook,
    *,
    threads: int = 1,
    ledger: Ledger = NO_LEDGER,
    published: Path | None = None,
) -> WorkerServices:
    """What a worker of the default pack works with."""
    pack = PackStore(Path("/nonexistent")).load("sface")
    return WorkerServices(
        runbook=runbook,
        clock=SystemClock(),
        analyzer=Analyzer(pack, EngineLimits.of(runbook.limits)),
        manifest=pack.manifest,
        master_key=MASTER_KEY,
        dsn=dsn,
        ledger=ledger,
        engine_threads=threads,
        published_runbook=published,
    )


@contextmanager
def working(services: WorkerServices) -> Iterator[Worker]:
    """A worker in this process, stopped at the end."""
    worker = Worker(services)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


@dataclass
class Submitter:
    """Takes batches in and looks at them, as the face unit does."""

    dsn: str
    runbook: Runbook

    @classmethod
    def of(cls, database: Database, runbook: Runbook) -> "Submitter":
        """Into a database of the test's own, which then knows the model."""
        manifest = PackStore(Path("/nonexistent")).manifest("sface")
        with psycopg.connect(database.owner_dsn) as conn:
            model_versions.register(
                conn, manifest.name, manifest.version, manifest.dimension, now=now()
            )
        return cls(database.face_dsn, runbook)

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection[Any]]:
        """A transaction."""
        with psycopg.connect(self.dsn, options="-c search_path=public,queue") as conn:
            yield conn

    def submit(
        self,
        images: Sequence[bytes | NewItem],
        kind: Kind = "analyze",
        *,
        collection: str | None = None,
        chunk: int | None = None,
        options: BatchOptions | None = None,
        webhook: str | None = None,
    ) -> UUID:
        """The id of a new batch."""
        items = [
            one if isinstance(one, NewItem) else NewItem(f"{number}.jpg", one)
            for number, one in enumerate(images)
        ]
        new = submission.NewBatch(
            kind=kind,
            collection=collection,
            priority="normal",
            chunk=chunk,
            options=options or BatchOptions(),
            client=CLIENT,
            webhook_url=webhook,
            webhook_secret=None if webhook is None else b"secret",
        )
        with self.connection() as conn:
            return submission.submit(
                conn,
                new,
                items,
                figures=self.runbook.batch,
                ledger=NO_LEDGER,
                master_key=MASTER_KEY,
                now=now(),
            ).id

    def batch(self, batch_id: UUID) -> Batch:
        """The batch as it stands."""
        with self.connection() as conn:
            return batches.get(conn, batch_id)

    def finished(self, batch_id: UUID, within_seconds: float = 60) -> Batch:
        """The batch once it has finished."""
        until(lambda: self.batch(batch_id).state == "finished", within_seconds)
        return self.batch(batch_id)

    def items(self, batch_id: UUID) -> list[dict[str, Any]]:
        """Every item with its opened `result`, in the order in which they were sent."""
        with self.connection() as conn, conn.cursor(row_factory=dict_row) as cursor:
            seal = seal_of(conn, batch_id, MASTER_KEY)
            found = cursor.execute(
                "SELECT * FROM batch_item WHERE batch_id = %s ORDER BY number", (batch_id,)
            ).fetchall()
        for one in found:
            sealed = one["sealed_result"]
            one["result"] = None if sealed is None else seal.open_result(one["number"], sealed)
        return found

    def each_exactly_once(self, batch_id: UUID) -> list[dict[str, Any]]:
        """The items, after checking counts and positions."""
        found = self.items(batch_id)
        counts = self.batch(batch_id).counts
        assert counts.pending == 0
        assert sorted(one["position"] for one in found) == [*range(1, counts.items + 1)]
        states = [one["state"] for one in found]
        assert states.count("succeeded") == counts.succeeded
        assert states.count("failed") == counts.failed
        return found


@dataclass
class WorkerProcess:
    """A real worker in a process of its own."""

    process: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        """As the kernel does it: nothing is tidied up."""
        self.process.kill()
        self.process.wait(10)

    def terminate(self) -> int:
        """Asks it to leave; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def lines(self) -> list[dict[str, Any]]:
        """What it logged."""
        return [json.loads(one) for one in self.log.read_text("utf-8").splitlines() if one]


@contextmanager
def worker_process(
    dsn: str, overlay: Path, *, prefix: Sequence[str] = (), **options: str | float
) -> Iterator[WorkerProcess]:
    """A worker's process; see worker_main.py for the options."""
    given = json.dumps({"dsn": dsn, "overlay": str(overlay), **options})
    log = overlay.parent / f"worker-{uuid4().hex[:8]}.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [*prefix, sys.executable, "-m", "tests.integration.batch.worker_main", given],
            cwd=ROOT,
            stdout=file,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    try:
        yield WorkerProcess(process, log)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)
