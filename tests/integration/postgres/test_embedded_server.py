"""The embedded server: private, repeatable to set up, never losing a folder it did not make."""

import stat
from pathlib import Path

import psycopg
import pytest

from bigbrother.adapters.clock import SystemClock
from bigbrother.adapters.postgres.database_server import EmbeddedPostgres
from bigbrother.ports.database_server import DatabaseServerNotReady, DatabaseServerRefused
from tests.conftest import Cluster, Database, unprivileged_account


def make(folder: Path, account: str | None = None) -> EmbeddedPostgres:
    (folder / "run").mkdir(mode=0o711, parents=True, exist_ok=True)
    return EmbeddedPostgres(
        programs=folder / "postgres",
        data=folder / "data" / "postgres",
        socket_folder=folder / "run" / "db",
        clock=SystemClock(),
        account=account or unprivileged_account(),
    )


@pytest.fixture
def place(open_folder: Path, request: pytest.FixtureRequest) -> Path:
    folder = open_folder / str(abs(hash(request.node.nodeid)) % 10**8)
    folder.mkdir()
    folder.chmod(0o711)
    return folder


def test_it_listens_on_no_network_address(cluster: Cluster) -> None:
    with psycopg.connect(cluster.server.superuser_dsn()) as conn:
        assert conn.execute("SHOW listen_addresses").fetchone() == ("",)


def test_an_account_that_is_not_named_cannot_act_as_a_role(
    cluster: Cluster, database: Database
) -> None:
    with pytest.raises(psycopg.OperationalError, match=r"does not exist|Peer authentication"):
        psycopg.connect(cluster.dsn("stranger", "bigbrother"))


def test_pages_carry_checksums_and_commits_wait_for_the_disk(place: Path) -> None:
    server = make(place)
    server.install()
    server.initialise()
    configuration = (place / "data/postgres/postgresql.conf").read_text()
    assert "fsync" not in configuration
    assert "synchronous_commit" not in configuration
    assert stat.S_IMODE((place / "data/postgres").stat().st_mode) == 0o700


def test_setting_up_twice_keeps_the_data_directory(place: Path) -> None:
    server = make(place)
    server.install()
    assert server.initialise() == ()
    control = (place / "data/postgres/global/pg_control").read_bytes()
    server.install()
    assert server.initialise() == ()
    assert (place / "data/postgres/global/pg_control").read_bytes() == control


def test_an_interrupted_initialisation_is_begun_anew(place: Path) -> None:
    server = make(place)
    server.install()
    unfinished = place / "data" / "postgres.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    server.initialise()
    assert (place / "data/postgres/PG_VERSION").read_text() == "18\n"
    assert not unfinished.exists()


def test_an_interrupted_copy_of_the_programs_is_begun_anew(place: Path) -> None:
    server = make(place)
    programs = Path(server.process().arguments[0]).parents[3]
    half = programs.with_name(programs.name + ".unfinished")
    half.mkdir(parents=True)
    server.install()
    assert Path(server.process().arguments[0]).exists()
    assert not half.exists()


def test_a_folder_of_something_else_is_moved_aside_and_kept(place: Path) -> None:
    server = make(place)
    server.install()
    strange = place / "data" / "postgres"
    strange.mkdir(parents=True)
    (strange / "notes.txt").write_text("mine")
    (note,) = server.initialise()
    assert "postgres.aside-1" in note
    assert (place / "data/postgres.aside-1/notes.txt").read_text() == "mine"


def test_a_data_directory_that_lost_its_version_is_refused_and_untouched(place: Path) -> None:
    server = make(place)
    server.install()
    server.initialise()
    (place / "data/postgres/PG_VERSION").unlink()
    with pytest.raises(DatabaseServerRefused, match="Restore it from a backup"):
        server.initialise()
    assert (place / "data/postgres/base").is_dir()


def test_a_data_directory_of_another_version_is_refused(place: Path) -> None:
    server = make(place)
    server.install()
    server.initialise()
    (place / "data/postgres/PG_VERSION").write_text("15\n")
    with pytest.raises(DatabaseServerRefused, match="belongs to PostgreSQL 15"):
        server.initialise()


def test_a_closed_folder_above_is_named_with_its_remedy(place: Path) -> None:
    if unprivileged_account() is None:
        pytest.skip("only root runs the server under another account")
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    server = make(closed)
    server.install()
    with pytest.raises(DatabaseServerRefused, match=f"cannot enter {closed}.*chmod o"):
        server.initialise()


def test_a_server_that_does_not_run_is_reported_after_its_time(place: Path) -> None:
    with pytest.raises(DatabaseServerNotReady, match="did not answer within"):
        make(place).wait_until_ready(0.1)
