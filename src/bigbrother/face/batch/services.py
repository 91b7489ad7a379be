"""What a worker works with; made once by `wiring`."""

import os
import threading
from dataclasses import dataclass, field
from pathlib import Path

from psycopg_pool import ConnectionPool

from bigbrother.face.batch.connections import queue_pool, work_pool
from bigbrother.face.batch.cores import Cores
from bigbrother.face.batch.errors import ModelNotInGallery
from bigbrother.face.batch.in_engine import InEngine
from bigbrother.face.batch.patience import Patience
from bigbrother.face.engine.analyzer import Analyzer
from bigbrother.face.engine.types import EngineLimits
from bigbrother.face.gallery import model_versions
from bigbrother.face.gallery.competition import Competition
from bigbrother.face.gallery.ledger import Ledger
from bigbrother.face.gallery.records import ModelVersion
from bigbrother.face.gallery.statements import GalleryConnection
from bigbrother.kernel.clock import Clock
from bigbrother.kernel.errors import NotFound
from bigbrother.models.manifest import Manifest
from bigbrother.runbook.model import Runbook
from bigbrother.security.keys import MasterKey

_LOOKED_AFTER_BY = 3
"""Threads beside the chunks that use the database: janitor, upkeep, and one webhook."""


@dataclass(eq=False)
class WorkerServices:
    """Everything that a worker needs; its threads share it."""

    runbook: Runbook
    clock: Clock
    analyzer: Analyzer
    manifest: Manifest
    """Of the pack that the analyzer runs."""
    master_key: MasterKey
    dsn: str
    ledger: Ledger
    """Of erasures; its file is missing on hosts without a face unit."""
    engine_threads: int
    """0 means one a core."""
    published_runbook: Path | None = None
    """The document to follow while the worker runs; None where nobody publishes one."""
    leaving: threading.Event = field(default_factory=threading.Event)
    """It is time to go: nothing new is begun."""
    in_engine: InEngine = field(init=False)
    cores: Cores = field(init=False)
    chunks_at_once: int = field(init=False)
    """By the document; where that leaves it open, one more than cores: while one waits (database,
    Python's own lock) the others compute."""
    competition: Competition = field(init=False)
    pool: ConnectionPool[GalleryConnection] = field(init=False)
    queue_pool: ConnectionPool[GalleryConnection] = field(init=False)
    audit_key: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        memory_bytes = int(self.runbook.limits.bytes_in_flight.value)
        self.chunks_at_once = self._chunks_at_once()
        self.in_engine = InEngine(self.analyzer, self.clock)
        self.cores = Cores(self.in_engine, self.chunks_at_once, memory_bytes)
        self.competition = Competition(self.clock, self.runbook.matching)
        size = self._connections()
        self.pool = work_pool(self.dsn, self.runbook, size=size)
        self.queue_pool = queue_pool(self.dsn, self.runbook, size=size)
        self.audit_key = self.master_key.derive(b"audit")
        self._model: ModelVersion | None = None

    @property
    def patience(self) -> Patience:
        """With the pauses of the document as it is now."""
        batch = self.runbook.batch
        return Patience(batch.first_pause.value, batch.longest_pause.value, self.leaving)

    def follow(self, runbook: Runbook) -> None:
        """Goes by this document from now on; chunks in hand are not lost."""
        self.runbook = runbook
        self.analyzer.follow(EngineLimits.of(runbook.limits))
        chunks_at_once = self._chunks_at_once()
        if chunks_at_once != self.chunks_at_once:
            self.chunks_at_once = chunks_at_once
            for pool in (self.pool, self.queue_pool):
                pool.resize(min_size=1, max_size=self._connections())
        self.cores.follow(chunks_at_once, int(runbook.limits.bytes_in_flight.value))
        self.competition.follow(runbook.matching)

    def _chunks_at_once(self) -> int:
        cores = self.engine_threads or os.cpu_count() or 1
        return self.runbook.batch.chunks_at_once or cores + 1

    def _connections(self) -> int:
        return self.chunks_at_once + _LOOKED_AFTER_BY

    def model(self, conn: GalleryConnection) -> ModelVersion:
        """The gallery's row of the model in use; asked for once. Raises ModelNotInGallery."""
        if self._model is None:
            name, version = self.manifest.name, self.manifest.version
            try:
                self._model = model_versions.get(conn, name, version)
            except NotFound as error:
                raise ModelNotInGallery(
                    f"The database does not know {name} {version}.",
                    remedy="Run 'bigbrother up', which registers it.",
                ) from error
        return self._model
