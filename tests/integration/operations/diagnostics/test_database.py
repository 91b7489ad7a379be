"""Looks at a real PostgreSQL, with what each looks for made to happen in it."""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from psycopg.rows import tuple_row

from bigbrother.kernel.status import Status
from bigbrother.operations.diagnostics.catalogue import CATALOGUE
from bigbrother.operations.diagnostics.database import APPLICATION, rows, shape
from bigbrother.operations.diagnostics.probes.data.indexes import expected
from bigbrother.operations.diagnostics.runner import diagnose
from tests.conftest import Database
from tests.unit.operations.checks.installation import changed
from tests.unit.operations.diagnostics.scenery import Scenery
from tests.waiting import until

PROBES = {probe.name: probe for probe in CATALOGUE}
OF_DATABASE = [probe for probe in CATALOGUE if probe.group == "data"]


def test_a_database_that_is_well_passes_every_look(scenery: Scenery, crowd: Database) -> None:
    # Statistics of the cluster are those of all tests together.
    shared = {"archive_lag", "cache_hits", "connections", "slow_queries", "locks"}
    found = diagnose(scenery.scene(), 20, OF_DATABASE)
    bad = [
        (each.check, each.evidence)
        for each in found
        if each.status in (Status.FAILED, Status.WARNING) and each.check not in shared
    ]
    assert bad == []
    unknown = {each.check for each in found if each.status is Status.UNKNOWN} - shared
    assert unknown == {"database_growth"}


def test_a_database_that_is_away_fails_one_look_and_the_others_are_unknown(
    scenery: Scenery,
) -> None:
    scenery.dsn = "host=/nowhere dbname=nothing"
    found = diagnose(scenery.scene(), 20, OF_DATABASE)
    assert {each.check: each.status for each in found} == {
        probe.name: Status.FAILED if probe.name == "database_answers" else Status.UNKNOWN
        for probe in OF_DATABASE
    }
    assert "takes no connection" in " ".join(found[0].evidence)


def test_looks_are_read_only_and_go_by_their_own_name(scenery: Scenery) -> None:
    statement = (
        "SELECT current_setting('default_transaction_read_only') AS read_only,"
        " current_setting('application_name') AS name"
    )
    assert rows(scenery.scene(), statement) == [{"read_only": "on", "name": APPLICATION}]


@contextmanager
def held_lock(database: Database) -> Iterator[tuple[int, int]]:
    """Somebody holds a row of `collection`, and somebody waits for it; their processes."""
    with (
        psycopg.connect(database.owner_dsn, application_name="holder") as holder,
        psycopg.connect(database.owner_dsn, application_name="waiter") as waiter,
        psycopg.connect(database.owner_dsn, autocommit=True, row_factory=tuple_row) as third,
    ):
        holder.execute("LOCK TABLE collection IN ACCESS EXCLUSIVE MODE")

        def wait() -> None:
            waiter.execute("SELECT count(*) FROM collection WHERE name = 'Ana Souza'")

        waiting = threading.Thread(target=wait)
        waiting.start()
        waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = %s"
        pid = waiter.info.backend_pid
        until(lambda: third.execute(waits, (pid,)).fetchone() == (1,))
        yield holder.info.backend_pid, pid
        holder.rollback()
        waiting.join(10)


def test_who_waits_for_a_lock_and_for_whom_is_told_without_what_was_asked_for(
    scenery: Scenery, database: Database
) -> None:
    figures = {"warning": "< 1ms", "failure": "< 1h"}
    scenery.runbook = changed({"diagnostics.limits.lock_wait": figures})
    with held_lock(database) as (holder, waiter):
        seen = scenery.see(PROBES["locks"])
        running = scenery.see(PROBES["slow_queries"])
    assert seen.status is Status.WARNING
    told = " ".join((*seen.evidence, seen.remedy))
    assert f"waiter (process {waiter})" in told
    assert f"holder (process {holder}, idle in transaction)" in told
    assert f"pg_terminate_backend({holder})" in told
    assert running.value is not None
    assert running.value > 0
    assert "Ana" not in told + " ".join(running.evidence)
    assert "WHERE name = ?" in " ".join(running.evidence)


def test_a_statement_that_runs_for_long_is_slow_and_a_remembered_one_is_told(
    scenery: Scenery, database: Database
) -> None:
    figures = {"warning": "< 10ms", "failure": "< 1h"}
    scenery.runbook = changed({"diagnostics.limits.statement": figures})
    with psycopg.connect(database.owner_dsn, autocommit=True) as conn:
        # As the extension shows it; the server of the tests does not load it.
        conn.execute(
            "CREATE TABLE pg_stat_statements AS SELECT 'SELECT 1'::text AS query,"
            " 3::bigint AS calls, 1500.0::float8 AS mean_exec_time"
        )
    with psycopg.connect(database.owner_dsn, application_name="sleeper") as sleeper:
        sleeping = threading.Thread(target=lambda: sleeper.execute("SELECT pg_sleep(0.6)"))
        sleeping.start()
        until(lambda: scenery.see(PROBES["slow_queries"]).status is Status.WARNING)
        seen = scenery.see(PROBES["slow_queries"])
        sleeping.join(10)
    assert "sleeper" in " ".join(seen.evidence)
    assert "On average 1.5 s over 3 calls: SELECT ?" in seen.evidence


def test_a_look_that_takes_too_long_is_ended_by_the_server_itself(
    scenery: Scenery, database: Database
) -> None:
    scenery.runbook = changed({"diagnostics.looks.statement_within": "100ms"})
    with psycopg.connect(database.owner_dsn) as conn:
        conn.execute("LOCK TABLE subject IN ACCESS EXCLUSIVE MODE")
        seen = scenery.see(PROBES["integrity"])
    assert seen.status is Status.UNKNOWN
    assert "100ms" in seen.evidence[0]


def test_a_missing_and_an_invalid_index_are_found(scenery: Scenery, crowd: Database) -> None:
    with psycopg.connect(crowd.superuser_dsn, autocommit=True) as conn:
        conn.execute("DROP INDEX face_by_page")
        conn.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'subject_by_page'::regclass"
        )
        (nearest,) = conn.execute(
            "SELECT relname FROM pg_class WHERE relname ~ '^embedding_[0-9]+_nearest$'"
        ).fetchone() or ("",)
        conn.execute(f"DROP INDEX {nearest}")
    found = scenery.look(PROBES["indexes"])
    table = nearest.removesuffix("_nearest")
    assert set(found) == {"public.face_by_page", "public.subject_by_page", f"public.{table}"}
    assert {each.status for each in found.values()} == {Status.FAILED}
    assert "REINDEX" in found["public.subject_by_page"].remedy


def test_the_list_of_indexes_is_that_of_the_migrations(database: Database) -> None:
    with psycopg.connect(database.superuser_dsn) as conn:
        there = conn.execute(
            "SELECT n.nspname || '.' || c.relname FROM pg_index x"
            " JOIN pg_class c ON c.oid = x.indexrelid"
            " JOIN pg_class t ON t.oid = x.indrelid"
            " JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname IN ('public', 'queue') AND t.relname !~ '^embedding_[0-9]+$'"
        ).fetchall()
    assert {name for (name,) in there} == expected()


def test_a_gallery_that_contradicts_itself_is_told_by_kind(
    scenery: Scenery, crowd: Database
) -> None:
    assert scenery.see(PROBES["integrity"]).value == 0
    with psycopg.connect(crowd.superuser_dsn) as conn:
        conn.execute("DELETE FROM subject_key")
    seen = scenery.see(PROBES["integrity"])
    assert (seen.status, seen.value) == (Status.FAILED, 10)
    assert "10 times subject-without-key in subject" in seen.evidence[0]


def test_dead_rows_are_found_in_tables_that_are_large_enough(
    scenery: Scenery, database: Database
) -> None:
    assert scenery.see(PROBES["bloat"]).status is Status.SKIPPED
    with psycopg.connect(database.owner_dsn, autocommit=True) as conn:
        conn.execute("CREATE TABLE many AS SELECT n FROM generate_series(1, 2000) n")
        conn.execute("ALTER TABLE many SET (autovacuum_enabled = off)")
        conn.execute("UPDATE many SET n = n + 1")
        conn.execute("SELECT pg_stat_force_next_flush()")
    until(lambda: "public.many" in scenery.look(PROBES["bloat"]))
    seen = scenery.look(PROBES["bloat"])["public.many"]
    assert seen.status is Status.FAILED
    assert seen.value == pytest.approx(0.5, abs=0.01)
    assert "VACUUM (ANALYZE) public.many" in seen.remedy


def test_connections_count_by_who_has_them(scenery: Scenery, database: Database) -> None:
    held = [psycopg.connect(database.owner_dsn, application_name="hoarder") for _ in range(5)]
    figures = {"warning": "< 1%", "failure": "< 99%"}
    scenery.runbook = changed({"diagnostics.limits.connections": figures})
    seen = scenery.see(PROBES["connections"])
    for conn in held:
        conn.close()
    assert seen.status is Status.WARNING
    assert "hoarder 5" in seen.evidence[0]


def test_a_slot_that_nobody_reads_lags(scenery: Scenery, database: Database) -> None:
    assert scenery.see(PROBES["archive_lag"]).status is Status.SKIPPED
    figures = {"warning": "< 1 kB", "failure": "< 1 GB"}
    scenery.runbook = changed({"diagnostics.limits.archive_lag": figures})
    name = f"slot_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(database.superuser_dsn, autocommit=True) as conn:
        conn.execute("SELECT pg_create_physical_replication_slot(%s, true)", (name,))
        try:
            conn.execute("CREATE TABLE written AS SELECT n FROM generate_series(1, 5000) n")
            seen = scenery.look(PROBES["archive_lag"])[f"slot {name}"]
        finally:
            conn.execute("SELECT pg_drop_replication_slot(%s)", (name,))
    assert seen.status is Status.WARNING
    assert "Nobody reads it at this moment." in seen.evidence


def test_the_clock_is_held_against_the_server_s(scenery: Scenery) -> None:
    seen = scenery.look(PROBES["clock_skew"])["bigbrother-db"]
    assert (seen.status, seen.value) == (Status.PASSED, 0)
    real = scenery.clock

    class Ahead:
        """An hour ahead."""

        def now(self) -> object:
            return real.now() + timedelta(hours=1)

        def monotonic_seconds(self) -> float:
            return real.monotonic_seconds()

    scenery.clock = Ahead()  # type: ignore[assignment]
    seen = scenery.look(PROBES["clock_skew"])["bigbrother-db"]
    assert seen.status is Status.FAILED
    assert seen.value == pytest.approx(3600, abs=2)


@pytest.mark.parametrize(
    ("statement", "shown"),
    [
        ("SELECT 'Ana', 12, x FROM t", "SELECT ?, ?, x FROM t"),
        ("SELECT 'it''s'", "SELECT ?"),
        ("SELECT $$Ana$$", "SELECT ?"),
        ("SELECT\n  a1", "SELECT a1"),
    ],
)
def test_a_statement_is_shown_without_what_it_was_about(statement: str, shown: str) -> None:
    assert shape(statement) == shown


# What waits


def batch(database: Database, *, created_ago: timedelta, deaths: int = 0) -> None:
    """A running batch with one image that waits and one that has ended."""
    batch_id = uuid.uuid4()
    with psycopg.connect(database.owner_dsn) as conn:
        conn.execute(
            "INSERT INTO batch (id, kind, state, priority, token_id, token_name, request_id,"
            " purpose, options, wrapped_key, items, succeeded, created_at)"
            " VALUES (%s, 'analyze', 'running', 'normal', %s, 't', 'r', '', '{}', 'x', 2, 1,"
            " localtimestamp - %s)",
            (batch_id, uuid.uuid4(), created_ago),
        )
        conn.execute(
            "INSERT INTO batch_item (batch_id, number, chunk, state, deaths)"
            " VALUES (%s, 1, 1, 'pending', %s)",
            (batch_id, deaths),
        )
        conn.execute(
            "INSERT INTO batch_item (batch_id, number, chunk, state, position, done_at)"
            " VALUES (%s, 2, 1, 'succeeded', 1, localtimestamp - %s)",
            (batch_id, created_ago - timedelta(seconds=1)),
        )


def test_work_of_which_nobody_does_anything_ages_and_a_large_batch_in_progress_does_not(
    scenery: Scenery, database: Database
) -> None:
    assert scenery.see(PROBES["queue_age"]).value == 0
    batch(database, created_ago=timedelta(minutes=10))
    seen = scenery.see(PROBES["queue_age"])
    assert seen.status is Status.FAILED
    assert seen.value == pytest.approx(599, abs=10)
    assert "1 images wait" in seen.evidence[0]
    batch(database, created_ago=timedelta(seconds=3))
    assert scenery.see(PROBES["queue_age"]).status is Status.PASSED


def test_workers_live_by_their_signs_of_life(scenery: Scenery, database: Database) -> None:
    seen = scenery.see(PROBES["workers"])
    assert (seen.status, seen.value) == (Status.FAILED, 0)
    with psycopg.connect(database.owner_dsn) as conn:
        sign = "INSERT INTO queue.procrastinate_workers (last_heartbeat) VALUES (%s)"
        now = scenery.clock.now()
        conn.execute(sign, (now - timedelta(minutes=5),))
        conn.commit()
        seen = scenery.see(PROBES["workers"])
        assert seen.status is Status.FAILED
        assert "The last sign of life came" in seen.evidence[1]
        conn.execute(sign, (now,))
    seen = scenery.see(PROBES["workers"])
    assert (seen.status, seen.value) == (Status.PASSED, 1)


def test_images_at_which_workers_die_are_found_without_their_names(
    scenery: Scenery, database: Database
) -> None:
    batch(database, created_ago=timedelta(minutes=1))
    assert scenery.see(PROBES["poison_images"]).status is Status.PASSED
    batch(database, created_ago=timedelta(minutes=1), deaths=2)
    seen = scenery.see(PROBES["poison_images"])
    assert (seen.status, seen.value) == (Status.FAILED, 1)
    assert "2 deaths, pending" in seen.evidence[0]
    with psycopg.connect(database.owner_dsn) as conn:
        conn.execute(
            "UPDATE batch_item SET state = 'failed', position = 2, done_at = localtimestamp"
            " WHERE deaths > 0"
        )
    assert scenery.see(PROBES["poison_images"]).status is Status.WARNING
