"""The watcher's line to a real PostgreSQL: closed, refused, silent."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from bigbrother.adapters.clock import SystemClock
from bigbrother.adapters.supervisor.service_manager import SupervisorManager
from bigbrother.kernel.status import Status
from bigbrother.operations.monitoring.units.lines import DatabaseLine
from bigbrother.operations.monitoring.units.lives import Lives
from bigbrother.ports.service_manager import UnitState, UnitStatus
from bigbrother.runbook.model import Runbook
from tests.conftest import Cluster, Database
from tests.integration.operations.units.conftest import WORKER, Reported, Watch, quick, seconds
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


@pytest.mark.slow
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


@pytest.fixture
def worker() -> Iterator[Callable[[str, Runbook], Reported]]:
    """Looks at the database again and again, beside a worker unit that runs."""
    stopping = threading.Event()
    opened: list[tuple[DatabaseLine, threading.Thread]] = []

    def begin(dsn: str, runbook: Runbook) -> Reported:
        reported = Reported()
        lives = Lives(SystemClock(), lambda: runbook, lambda _: None)
        lives.seen([UnitStatus(WORKER, UnitState.RUNNING, 10)], managed=True)
        line = DatabaseLine(
            dsn=dsn, lives=lives, runbook=lambda: runbook, clock=SystemClock(), report=reported
        )

        def rounds() -> None:
            while not stopping.is_set():
                line.round()

        thread = threading.Thread(target=rounds)
        opened.append((line, thread))
        thread.start()
        return reported

    yield begin
    stopping.set()
    for line, thread in opened:
        line.stop()
        thread.join()
        line.close()


def test_a_worker_without_new_heartbeats_is_silent_until_one_comes(
    worker: Callable[[str, Runbook], Reported], database: Database
) -> None:
    runbook = quick()
    batch = runbook.batch.model_copy(update={"worker_dead_after": seconds(0.5)})
    reported = worker(database.face_dsn, runbook.model_copy(update={"batch": batch}))
    with psycopg.connect(database.superuser_dsn, autocommit=True) as conn:
        numbers = count()

        def beat() -> bool:
            # Its age does not matter, only that it is new: clocks of two machines differ.
            at = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=next(numbers))
            conn.execute("DELETE FROM queue.procrastinate_workers")
            conn.execute(
                "INSERT INTO queue.procrastinate_workers (last_heartbeat) VALUES (%s)", [at]
            )
            return reported.statuses("unit_silent", WORKER)[-1:] == [REACHED]

        until(beat)
        silent = reported.wait_for("unit_silent", WORKER, REACHED, LOST)[-1]
        assert "gave no sign of life for 0.5s" in silent.summary
        until(beat)
    assert reported.statuses("unit_silent", WORKER) == [REACHED, LOST, REACHED]
