"""What the HTTP interface works with; made once by `wiring`."""

import asyncio
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from psycopg_pool import ConnectionPool

from bigbrother.face.api.database import Connection, Database
from bigbrother.face.api.engine_gate import EngineGate
from bigbrother.face.api.errors import ModelNotReady
from bigbrother.face.api.memory import ImageMemory
from bigbrother.face.api.result_cache import ResultCache
from bigbrother.face.api.rights_keeper import RightsKeeper
from bigbrother.face.engine.analyzer import Analyzer
from bigbrother.face.engine.types import EngineLimits
from bigbrother.face.gallery import model_versions
from bigbrother.face.gallery.competition import Competition
from bigbrother.face.gallery.ledger import Ledger
from bigbrother.face.gallery.records import ModelVersion
from bigbrother.kernel.clock import Clock
from bigbrother.kernel.errors import BigBrotherError, NotFound
from bigbrother.models.manifest import Manifest
from bigbrother.models.store import PackStore
from bigbrother.runbook.model import Runbook
from bigbrother.security.keys import MasterKey
from bigbrother.security.token_cache import TokenCache
from bigbrother.telemetry.audit.anchors import Anchors
from bigbrother.telemetry.face_metrics import FaceMetrics


@dataclass(eq=False)
class FaceServices:
    """Everything that a request needs; safe to share between requests."""

    runbook: Runbook
    clock: Clock
    analyzer: Analyzer
    packs: PackStore
    manifest: Manifest
    """Of the pack that the analyzer runs."""
    master_key: MasterKey
    pool: ConnectionPool[Connection]
    version: str
    """The product's."""
    engine_threads: int
    """0 means one a core."""
    public: bool
    """Whether other machines can reach the address: then /metrics needs a token."""
    spool: Path
    """Folder for what is put together or arrives before it is used."""
    ledger_folder: Path
    """Of the erasures and the audit's anchors."""
    watcher_sign: Path
    """A file whose time of change is the watcher's last sign of life."""
    batch_folders: tuple[Path, ...] = ()
    """Folders of this machine that batches may read."""
    published_runbook: Path | None = None
    """The document to follow while the unit runs; None where nobody publishes one."""
    draining: bool = False
    """The unit is about to stop: /readyz refuses."""
    manifests: tuple[Manifest, ...] = field(init=False)
    """Of every usable pack, as found at the start: later the unit may not read its files."""
    metrics: FaceMetrics = field(init=False)
    token_cache: TokenCache = field(init=False)
    database: Database = field(init=False)
    memory: ImageMemory = field(init=False)
    result_cache: ResultCache = field(init=False)
    gate: EngineGate = field(init=False)
    batch_turns: asyncio.Semaphore = field(init=False)
    """Whose turn it is to store a batch."""
    competition: Competition = field(init=False)
    ledger: Ledger = field(init=False)
    audit_key: bytes = field(init=False, repr=False)
    rights: RightsKeeper = field(init=False)

    def __post_init__(self) -> None:
        self.manifests = _manifests(self.packs, self.manifest)
        self.metrics = FaceMetrics(self.runbook)
        self.metrics.model.labels(self.manifest.name, self.manifest.version).set(1)
        self.metrics.provider.labels(self.analyzer.provider).set(1)
        self.token_cache = TokenCache(self.clock, self.runbook.tokens.cached_for.duration)
        self.database = Database(self.pool)
        self.memory = ImageMemory(
            self.runbook.limits,
            self.metrics.bytes_in_flight,
            self.metrics.rejected.labels("image-memory"),
        )
        self.result_cache = ResultCache(self.runbook.result_cache, self.clock, self.metrics)
        self.gate = EngineGate(
            self.analyzer,
            self.memory,
            self.result_cache,
            self.runbook,
            self.metrics,
            self.engine_threads,
        )
        self.batch_turns = asyncio.Semaphore(self.runbook.batch.stored_at_once)
        self.competition = Competition(self.clock, self.runbook.matching)
        self.ledger = Ledger(self.ledger_folder, self.master_key.derive(b"ledger"))
        self.audit_key = self.master_key.derive(b"audit")
        self.rights = RightsKeeper(
            database=self.database,
            ledger=self.ledger,
            anchors=Anchors(self.ledger_folder, self.master_key.derive(b"anchors")),
            audit_key=self.audit_key,
            clock=self.clock,
            runbook=self.runbook,
        )
        self._model: ModelVersion | None = None
        self._model_lock = threading.Lock()

    def follow(self, runbook: Runbook) -> None:
        """Goes by this document from now on; requests in flight are not lost. On the event loop."""
        if runbook.batch.stored_at_once != self.runbook.batch.stored_at_once:
            # Whoever waits for a turn of the old count still gets it.
            self.batch_turns = asyncio.Semaphore(runbook.batch.stored_at_once)
        if EngineLimits.of(runbook.limits) != EngineLimits.of(self.runbook.limits):
            # An image that was taken may be refused now.
            self.result_cache.forget()
        self.runbook = runbook
        self.analyzer.follow(EngineLimits.of(runbook.limits))
        self.token_cache.follow(runbook.tokens.cached_for.duration)
        self.memory.follow(runbook.limits)
        self.result_cache.follow(runbook.result_cache)
        self.gate.follow(runbook)
        self.metrics.follow(runbook)
        self.competition.follow(runbook.matching)
        self.rights.follow(runbook)

    def gallery_changed(self, collection: str) -> None:
        """Somebody was erased or consents otherwise: nothing that was counted or kept serves on."""
        self.competition.forget(collection)
        self.result_cache.forget()

    def model(self, conn: Connection) -> ModelVersion:
        """The gallery's row of the model in use; asked for once, since it never changes.

        Raises ModelNotReady.
        """
        with self._model_lock:
            if self._model is None:
                name, version = self.manifest.name, self.manifest.version
                try:
                    self._model = model_versions.get(conn, name, version)
                except NotFound as error:
                    raise ModelNotReady(
                        f"The database does not know {name} {version}.",
                        remedy="Run 'bigbrother up', which registers it.",
                    ) from error
            return self._model


def _manifests(packs: PackStore, active: Manifest) -> tuple[Manifest, ...]:
    found = {active.name: active}
    for name in packs.names():
        # `bigbrother models verify` says what is wrong with a pack; here it cannot be used.
        with suppress(BigBrotherError):
            found.setdefault(name, packs.manifest(name))
    return tuple(found[name] for name in sorted(found))


def services_of(request: Request) -> FaceServices:
    """The services of the application that the request came to."""
    services: FaceServices = request.app.state.services
    return services


Services = Annotated[FaceServices, Depends(services_of)]
