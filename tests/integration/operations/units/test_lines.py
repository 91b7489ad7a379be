"""The watcher's line to a real PostgreSQL: closed, refused, silent."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from bigbrother.adapters.supervisor.service_manager import SupervisorManager
from bigbrother.kernel.status import Status
from tests.conftest import Cluster, Database
from tests.integration.operations.units.conftest import Watch, quick, seconds
from tests.integration.supervisor.conftest import unit
from tests.waiting import until

Make = Callable[..., SupervisorManager]
REACHED, LOST = Status.PASSED, Status.FAILED
ALERT = "database_unreachable"


@pytest.fixture
def manager(manager_of: Make) -> SupervisorManager:
    """One that is not even launched: the line does not need it."""
    return manager_of(unit("bigbrother-face"))


def end_lines(database: Database) -> None:
    with psycopg.connect(database.superuser_dsn, autocommit=True) as conn:
        conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'bigbrother-ops' AND datname = current_database()"
        )


def our_lines(database: Database) -> set[int]:
    """The server's processes behind the watch's lines."""
    with psycopg.connect(database.superuser_dsn, autocommit=True) as conn:
        found = conn.execute(
            "SELECT pid FROM pg_stat_activity "
            "WHERE application_name = 'bigbrother-ops' AND datname = current_database()"
        )
        return {row[0] for row in found}


def test_a_closed_line_is_told_at_once_and_mended(
    manager: SupervisorManager, watch: Watch, database: Database
) -> None:
    # The watch would ask again only after a minute: what it tells, the line's end told it.
    alive = quick().watching.alive.model_copy(update={"every": seconds(60)})
    reported = watch(manager, dsn=database.face_dsn, runbook=quick(alive=alive))
    reported.wait_for(ALERT, "", REACHED)
    end_lines(database)
    lost = reported.wait_for(ALERT, "", REACHED, LOST, REACHED, within_seconds=2)[1]
    assert lost.grace_seconds == 5
    assert "closed the watcher's line" in lost.summary


def test_a_database_that_refuses_is_unreachable_until_it_accepts(
    manager: SupervisorManager, watch: Watch, cluster: Cluster, database: Database
) -> None:
    reported = watch(manager, dsn=database.face_dsn)
    reported.wait_for(ALERT, "", REACHED)
    name = sql.Identifier(str(psycopg.conninfo.conninfo_to_dict(database.owner_dsn)["dbname"]))
    allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    with psycopg.connect(cluster.server.superuser_dsn(), autocommit=True) as conn:
        conn.execute(allow.format(name, sql.SQL("false")))
        conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'bigbrother-ops'"
        )
        reported.wait_for(ALERT, "", REACHED, LOST)
        conn.execute(allow.format(name, sql.SQL("true")))
    reported.wait_for(ALERT, "", REACHED, LOST, REACHED)


def test_a_server_that_takes_no_new_connections_is_noticed_though_the_old_line_answers(
    manager: SupervisorManager, watch: Watch, database: Database, open_folder: Path
) -> None:
    runbook = quick(misses=1, fresh_line_every=seconds(0.2))
    reported = watch(manager, dsn=database.face_dsn, runbook=runbook)
    reported.wait_for(ALERT, "", REACHED)
    server = int((open_folder / "data/postgres/postmaster.pid").read_text().split()[0])
    os.kill(server, signal.SIGSTOP)
    try:
        lost = reported.wait_for(ALERT, "", REACHED, LOST)[-1]
    finally:
        os.kill(server, signal.SIGCONT)
    assert "takes no new connection" in lost.summary
    reported.wait_for(ALERT, "", REACHED, LOST, REACHED)


def test_a_line_that_never_was_is_told_with_its_reason(
    manager: SupervisorManager, watch: Watch
) -> None:
    reported = watch(manager)
    (lost,) = reported.wait_for(ALERT, "", LOST)
    assert "No such file or directory" in lost.summary


def test_one_silence_of_one_line_is_no_finding_when_the_next_line_answers(
    manager: SupervisorManager, watch: Watch, database: Database
) -> None:
    reported = watch(manager, dsn=database.face_dsn)
    reported.wait_for(ALERT, "", REACHED)
    (backend,) = our_lines(database)
    os.kill(backend, signal.SIGSTOP)
    try:
        until(lambda: bool(our_lines(database) - {backend}))
    finally:
        os.kill(backend, signal.SIGCONT)
    until(lambda: backend not in our_lines(database))
    assert reported.statuses(ALERT) == [REACHED]
