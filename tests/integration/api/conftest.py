"""The real service: real HTTP, real engine, real PostgreSQL; one for each file of tests."""

import io
import socket
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
import pytest
import uvicorn

from bigbrother.adapters.clock import SystemClock
from bigbrother.entrypoints.face import server
from bigbrother.face.api.app import create_app
from bigbrother.face.api.connections import connection_pool
from bigbrother.face.api.services import FaceServices
from bigbrother.face.engine.analyzer import Analyzer
from bigbrother.face.engine.types import EngineLimits
from bigbrother.face.gallery import model_versions
from bigbrother.models.samples import sample_photo
from bigbrother.models.store import PackStore
from bigbrother.runbook.load import load_runbook
from bigbrother.runbook.model import Runbook
from bigbrother.security import tokens
from bigbrother.security.keys import MasterKey
from bigbrother.security.roles import Role
from bigbrother.telemetry.logs import configure_logs
from tests.conftest import Cluster, Database
from tests.waiting import until

PACK = "sface"
CONSENT = {"legal_basis": "consent", "purpose": "tests", "reference": "none"}


@dataclass
class Service:
    """One running service and how to reach it."""

    url: str
    services: FaceServices
    database: Database
    server: uvicorn.Server
    texts: dict[Role, str] = field(default_factory=dict)
    clients: list[httpx.Client] = field(default_factory=list)

    def client(self, role: Role | None = "admin") -> httpx.Client:
        """A client with a token of this role, or without a token."""
        headers = {} if role is None else {"Authorization": f"Bearer {self.texts[role]}"}
        made = httpx.Client(base_url=self.url, headers=headers, timeout=30, trust_env=False)
        self.clients.append(made)
        return made


def make_services(
    database: Database, runbook: Runbook, folder: Path, *, public: bool = False, threads: int = 2
) -> FaceServices:
    """Services over a database, with a folder for spool and ledger in place of a home."""
    packs = PackStore(Path("/nonexistent"))
    pack = packs.load(PACK)
    return FaceServices(
        runbook=runbook,
        clock=SystemClock(),
        analyzer=Analyzer(pack, EngineLimits.of(runbook.limits)),
        packs=packs,
        manifest=pack.manifest,
        master_key=MasterKey(bytes(range(32))),
        pool=connection_pool(database.face_dsn, runbook),
        version="0",
        engine_threads=threads,
        public=public,
        spool=folder,
        watcher_sign=folder / "watcher",
        ledger_folder=folder,
        batch_folders=(folder / "photos",),
        published_runbook=folder / "published.yaml",
    )


def prepare(database: Database) -> dict[Role, str]:
    """Registers the model and makes a token for each role."""
    manifest = PackStore(Path("/nonexistent")).manifest(PACK)
    now = SystemClock().now()
    roles: tuple[Role, ...] = ("admin", "writer", "reader")
    with psycopg.connect(database.owner_dsn) as conn:
        model_versions.register(conn, manifest.name, manifest.version, manifest.dimension, now=now)
        return {role: tokens.create(conn, f"test {role}", role, None, now)[1] for role in roles}


def run_service(
    database: Database,
    runbook: Runbook,
    *,
    public: bool = False,
    threads: int = 2,
    folder: Path | None = None,
    ready: bool = True,
) -> Iterator[Service]:
    """A service on a port of the system's choice, until the iterator is closed.

    `ready` waits until it has carried out the ledger of erasures, as its first answer does.
    """
    with tempfile.TemporaryDirectory(prefix="bb-") as own:
        yield from serve(
            make_services(database, runbook, folder or Path(own), public=public, threads=threads),
            database,
            ready=ready,
        )


def serve(services: FaceServices, database: Database, *, ready: bool) -> Iterator[Service]:
    """These services on a port of the system's choice, until the iterator is closed."""
    running = server(create_app(services), services)
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    bound.listen(128)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    until(lambda: running.started and (services.rights.refusal is None or not ready))
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    made = Service(url, services, database, running, prepare(database))
    try:
        yield made
    finally:
        for client in made.clients:
            client.close()
        running.should_exit = True
        thread.join(20)


@pytest.fixture(scope="session", autouse=True)
def _quiet_logs() -> None:
    """The service's own log lines, as in production, but kept for nobody."""
    configure_logs("test", SystemClock(), io.StringIO())


@pytest.fixture(scope="session")
def runbook() -> Runbook:
    """The shipped document."""
    return load_runbook()


@pytest.fixture(scope="module")
def service(cluster: Cluster, runbook: Runbook) -> Iterator[Service]:
    """One service for a file of tests."""
    database = cluster.new_database()
    yield from run_service(database, runbook)
    cluster.drop(database)


@pytest.fixture(scope="module")
def client(service: Service) -> httpx.Client:
    """A client with an admin's token."""
    return service.client()


@pytest.fixture(scope="session")
def photo() -> bytes:
    """The shipped sample photo: one face."""
    return sample_photo()
