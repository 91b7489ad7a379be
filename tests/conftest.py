"""Fixtures that every level of the tests shares: a real PostgreSQL, and where real data lie."""

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from bigbrother.adapters.clock import SystemClock
from bigbrother.adapters.postgres.database_server import EmbeddedPostgres

ROOT = Path(__file__).parent.parent
_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Database:
    """A migrated database of one test's own."""

    superuser_dsn: str
    owner_dsn: str
    face_dsn: str


@dataclass(frozen=True)
class Cluster:
    """A running server whose database `bigbrother` is the migrated template."""

    server: EmbeddedPostgres

    def dsn(self, role: str, database: str) -> str:
        folder = self.server.superuser_dsn().partition(" ")[0]
        return f"{folder} dbname={database} user={role} connect_timeout=5"

    def new_database(self) -> Database:
        name = f"test_{next(_NUMBERS)}"
        with psycopg.connect(self.server.superuser_dsn(), autocommit=True) as conn:
            conn.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE bigbrother OWNER bigbrother").format(
                    sql.Identifier(name)
                )
            )
        return Database(
            self.dsn("postgres", name),
            self.dsn("bigbrother", name),
            self.dsn("bigbrother_face", name),
        )

    def drop(self, database: Database) -> None:
        with psycopg.connect(self.server.superuser_dsn(), autocommit=True) as conn:
            name = psycopg.conninfo.conninfo_to_dict(database.owner_dsn)["dbname"]
            conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(str(name))))


def unprivileged_account() -> str | None:
    """The account PostgreSQL runs as in tests; as root it needs another one."""
    return "nobody" if os.geteuid() == 0 else None


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A short temporary folder that an unprivileged account may enter (pytest's own may not)."""
    folder = Path(tempfile.mkdtemp(prefix="bb-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def cluster(open_folder: Path) -> Iterator[Cluster]:
    """A real embedded PostgreSQL 18 with pgvector, stopped after the session."""
    from bigbrother.face.migrations import migrate  # noqa: PLC0415 - needed with a database only

    server = EmbeddedPostgres(
        programs=open_folder / "postgres",
        data=open_folder / "data" / "postgres",
        socket_folder=open_folder / "run" / "db",
        clock=SystemClock(),
        account=unprivileged_account(),
    )
    (open_folder / "run").mkdir(mode=0o711)
    server.install()
    server.initialise()
    process = server.process()
    with (open_folder / "postgres.log").open("wb") as log:
        running = subprocess.Popen(
            # Tests do not survive power cuts; waiting for the disk would only slow them.
            (*process.arguments, "-c", "fsync=off", "-c", "max_connections=200"),
            user=process.user,
            group=None if process.user is None else "nogroup",
            extra_groups=None if process.user is None else [],
            cwd=process.folder,
            stdout=log,
            stderr=log,
        )
    try:
        server.wait_until_ready(30)
        server.prepare()
        migrate(server.owner_dsn)
        yield Cluster(server)
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(30)


@pytest.fixture
def database(cluster: Cluster) -> Iterator[Database]:
    """A fresh migrated database, dropped after the test."""
    made = cluster.new_database()
    yield made
    cluster.drop(made)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Labelled photographs that are not part of the project; skips where they are absent."""
    folder = Path(os.environ.get("BIGBROTHER_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "lfw").is_dir():
        pytest.skip(f"no labelled photographs in {folder}; set BIGBROTHER_TEST_DATA")
    return folder
