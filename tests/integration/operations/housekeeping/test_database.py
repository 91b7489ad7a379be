"""A database that real updates made decay is mended while others use it, through every kill."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from bigbrother.operations.housekeeping.database import connected, mending
from bigbrother.operations.housekeeping.indexes import IndexState, measured
from bigbrother.operations.procedures.outcome import Happened, StepFailed
from tests.conftest import Database
from tests.fakes.host import FakeHost, mount
from tests.integration.operations.housekeeping.place import Place
from tests.waiting import until

EAGER = {"least_dead_rows": 100, "least_bloat": "100 kB", "lock_within": "300ms"}


@pytest.fixture
def place(place: Place, database: Database) -> Place:
    """With a database of its own, and figures that fit its size."""
    place.dsn = database.owner_dsn
    place.changes["optimization"] = EAGER
    # The product's own tables were never looked at.
    place.do("vacuum_tables")
    return place


def run(dsn: str, *statements: str) -> None:
    """Each in a session of its own: the server counts rows at a session's end."""
    for each in statements:
        with psycopg.connect(dsn, autocommit=True) as conn:
            conn.execute(each.encode())


def value(dsn: str, statement: str) -> Any:  # noqa: ANN401 - whatever was asked for
    with psycopg.connect(dsn, autocommit=True) as conn:
        row = conn.execute(statement.encode()).fetchone()
    return None if row is None else row[0]


def make_decayed(dsn: str, rows: int = 4000) -> None:
    """A table whose index is mostly waste: every key was moved up twice."""
    run(
        dsn,
        "CREATE TABLE decayed (id bigint PRIMARY KEY, note text) WITH (autovacuum_enabled = false)",
        f"INSERT INTO decayed SELECT n, 'note' FROM generate_series(1, {rows}) n",  # noqa: S608
        *[f"UPDATE decayed SET id = id + {rows}"] * 5,  # noqa: S608
        "VACUUM (ANALYZE) decayed",
    )


def index_bytes(dsn: str, name: str = "decayed_pkey") -> int:
    return int(value(dsn, f"SELECT pg_relation_size('{name}')"))


def invalid(dsn: str) -> list[str]:
    with psycopg.connect(dsn) as conn:
        return [
            row[0]
            for row in conn.execute(
                "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
            )
        ]


@contextmanager
def in_use(dsn: str, *, write: bool = True) -> Iterator[None]:
    """Somebody is in a transaction that has touched the table."""
    with psycopg.connect(dsn) as conn:
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        conn.execute("SELECT count(*) FROM decayed")
        if write:
            conn.execute("INSERT INTO decayed VALUES (-1)")
        yield


class TestEstimates:
    @pytest.mark.parametrize("kind", ["bigint", "uuid", "text", "bigint, text"])
    def test_of_a_fresh_btree_next_to_nothing_is_waste(self, place: Place, kind: str) -> None:
        keys = {"bigint": "n", "uuid": "gen_random_uuid()", "text": "repeat(md5(n::text), 2)"}
        columns = kind.split(", ")
        run(
            place.dsn,
            "CREATE TABLE fresh (" + ", ".join(f"c{n} {c}" for n, c in enumerate(columns)) + ")",
            f"INSERT INTO fresh SELECT {', '.join(keys[c] for c in columns)}"  # noqa: S608
            " FROM generate_series(1, 20000) n",
            "CREATE INDEX fresh_index ON fresh ("
            + ", ".join(f"c{n}" for n in range(len(columns)))
            + ")",
            "VACUUM (ANALYZE) fresh",
        )
        state = found(place, "fresh_index")
        assert state.bloat.anew_bytes == pytest.approx(state.bloat.occupied_bytes, rel=0.1)

    @pytest.mark.parametrize("kind", ["vector(128)", "halfvec(512)", "vector(16)"])
    def test_of_a_fresh_index_of_embeddings_next_to_nothing_is_waste(
        self, place: Place, kind: str
    ) -> None:
        numbers = kind.partition("(")[2][:-1]
        run(
            place.dsn,
            f"CREATE TABLE fresh (e {kind} NOT NULL)",
            "INSERT INTO fresh SELECT (SELECT array_agg(random() + 0 * (n + g))"  # noqa: S608
            f" FROM generate_series(1, {numbers}) g)::{kind.partition('(')[0]}"
            " FROM generate_series(1, 1000) n",
            f"CREATE INDEX fresh_index ON fresh USING hnsw (e {kind.partition('(')[0]}_ip_ops)",
            "ANALYZE fresh",
        )
        state = found(place, "fresh_index")
        assert state.bloat.anew_bytes == pytest.approx(state.bloat.occupied_bytes, rel=0.1)

    def test_a_partial_index_is_measured_by_its_own_rows(self, place: Place) -> None:
        run(
            place.dsn,
            "CREATE TABLE fresh (n bigint)",
            "INSERT INTO fresh SELECT n FROM generate_series(1, 40000) n",
            "CREATE INDEX fresh_index ON fresh (n) WHERE n % 2 = 0",
            "VACUUM (ANALYZE) fresh",
        )
        state = found(place, "fresh_index")
        assert state.bloat.anew_bytes == pytest.approx(state.bloat.occupied_bytes, rel=0.1)

    def test_embeddings_that_came_and_went_are_waste(self, place: Place) -> None:
        run(
            place.dsn,
            "CREATE TABLE fresh (n int, e vector(64) NOT NULL)",
            "INSERT INTO fresh SELECT n, (SELECT array_agg(random() + 0 * (n + g))"
            " FROM generate_series(1, 64) g)::vector FROM generate_series(1, 1500) n",
            "CREATE INDEX fresh_index ON fresh USING hnsw (e vector_ip_ops)",
            "DELETE FROM fresh WHERE n > 300",
            "VACUUM (ANALYZE) fresh",
        )
        assert found(place, "fresh_index").bloat.ratio == pytest.approx(0.8, abs=0.05)


def found(place: Place, name: str) -> IndexState:
    with connected(place.services) as conn:
        return next(state for state in measured(conn) if state.name == name)


class TestTables:
    def test_dead_rows_are_freed_and_the_planner_is_told(self, place: Place) -> None:
        run(
            place.dsn,
            "CREATE TABLE decayed (id int) WITH (autovacuum_enabled = false)",
            "INSERT INTO decayed SELECT generate_series(1, 2000)",
            "UPDATE decayed SET id = id + 1",
        )
        assert "vacuum and analyse decayed (2,000 dead rows, 50%" in place.plan("vacuum_tables")
        assert place.verify("vacuum_tables") is Happened.NO
        outcome = place.do("vacuum_tables")
        assert outcome.data["left"] == []
        dead = "SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'decayed'"
        assert value(place.dsn, dead) == 0
        assert value(place.dsn, "SELECT reltuples FROM pg_class WHERE relname = 'decayed'") == 2000
        assert place.verify("vacuum_tables") is Happened.YES
        assert place.do("vacuum_tables").skipped

    def test_rows_that_somebody_still_sees_are_not_called_freed(self, place: Place) -> None:
        make_decayed(place.dsn)
        with in_use(place.dsn, write=False):
            run(place.dsn, "UPDATE decayed SET note = 'other'")
            with pytest.raises(StepFailed, match="still sees its dead rows") as refused:
                place.do("vacuum_tables")
        assert "decayed" in refused.value.detail
        assert place.do("vacuum_tables").data["count"] == 1

    def test_a_table_that_others_hold_is_left_and_the_others_are_mended(self, place: Place) -> None:
        make_decayed(place.dsn)
        run(
            place.dsn,
            "UPDATE decayed SET note = 'other'",
            "CREATE TABLE second (id int)",
            "INSERT INTO second SELECT generate_series(1, 2000)",
        )
        with psycopg.connect(place.dsn) as other:
            other.execute("LOCK TABLE decayed IN SHARE UPDATE EXCLUSIVE MODE")
            outcome = place.do("vacuum_tables")
        assert outcome.data == {"count": 1, "left": ["decayed"]}
        assert "others held it" in outcome.summary

    def test_no_database_is_told_as_such(self, place: Place) -> None:
        place.dsn = "host=/nowhere dbname=none connect_timeout=1"
        for step in ("vacuum_tables", "rebuild_indexes", "verify_purges"):
            with pytest.raises(StepFailed, match="does not answer"):
                place.do(step)


class TestIndexes:
    def test_an_index_that_decayed_is_built_anew(self, place: Place) -> None:
        make_decayed(place.dsn)
        before = index_bytes(place.dsn)
        assert "Would rebuild 1 index: decayed_pkey" in place.plan("rebuild_indexes")
        assert index_bytes(place.dsn) == before
        place.do("rebuild_indexes")
        assert index_bytes(place.dsn) < before / 2
        assert invalid(place.dsn) == []
        assert value(place.dsn, "SELECT count(*) FROM decayed WHERE id > 0") == 4000
        assert place.verify("rebuild_indexes") is Happened.YES
        assert place.do("rebuild_indexes").skipped

    def test_without_room_for_a_second_one_it_is_left(self, place: Place) -> None:
        make_decayed(place.dsn)
        place.host = FakeHost(disks=(mount(used_ratio=1.0),))
        with pytest.raises(StepFailed, match="no room"):
            place.do("rebuild_indexes")
        assert invalid(place.dsn) == []

    def test_one_that_is_in_use_for_long_is_left_for_another_time(self, place: Place) -> None:
        make_decayed(place.dsn)
        with in_use(place.dsn), pytest.raises(StepFailed, match="others held it") as refused:
            place.do("rebuild_indexes")
        assert refused.value.again
        place.do("rebuild_indexes")
        assert invalid(place.dsn) == []
        assert index_bytes(place.dsn) < 200_000

    def test_what_a_killed_rebuild_left_is_dropped_first(
        self, place: Place, database: Database
    ) -> None:
        place.changes["optimization"] = {**EAGER, "lock_within": "60s"}
        make_decayed(place.dsn)
        with in_use(place.dsn):
            child = os.fork()
            if child == 0:
                try:
                    place.do("rebuild_indexes")
                finally:
                    os._exit(0)
            until(lambda: bool(invalid(place.dsn)) and rebuilding(place.dsn), 10)
            run(
                database.superuser_dsn,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'bigbrother-housekeeping'",
            )
            os.waitpid(child, 0)
        assert invalid(place.dsn) == ["decayed_pkey_ccnew"]
        assert place.verify("rebuild_indexes") is Happened.NO
        assert "decayed_pkey_ccnew" in place.plan("rebuild_indexes")
        outcome = place.do("rebuild_indexes")
        assert outcome.data["count"] == 2
        assert invalid(place.dsn) == []

    def test_the_server_ends_a_rebuild_whose_step_was_killed(self, place: Place) -> None:
        place.changes["optimization"] = {**EAGER, "lock_within": "60s"}
        make_decayed(place.dsn)
        with in_use(place.dsn):
            child = os.fork()
            if child == 0:
                try:
                    place.do("rebuild_indexes")
                finally:
                    os._exit(0)
            until(lambda: rebuilding(place.dsn), 10)
            with pytest.raises(StepFailed, match="Another step is mending"):
                place.do("vacuum_tables")
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            until(lambda: not at_work(place.dsn), 5)
        place.do("rebuild_indexes")
        assert invalid(place.dsn) == []
        assert index_bytes(place.dsn) < 200_000

    def test_an_index_that_somebody_builds_is_not_taken_for_a_leftover(self, place: Place) -> None:
        make_decayed(place.dsn)
        run(place.dsn, "CREATE INDEX decayed_by_note ON decayed (note)")
        with in_use(place.dsn):
            child = os.fork()
            if child == 0:
                try:
                    run(place.dsn, "REINDEX INDEX CONCURRENTLY decayed_by_note")
                finally:
                    os._exit(0)
            until(lambda: bool(invalid(place.dsn)) and rebuilding(place.dsn), 10)
            assert "interrupted" not in place.plan("rebuild_indexes")
        os.waitpid(child, 0)
        assert invalid(place.dsn) == []

    @pytest.mark.slow
    @pytest.mark.parametrize("seed", range(20))
    def test_killed_at_any_instant_no_index_is_lost(self, place: Place, seed: int) -> None:
        kill_at_instants(place, [0.01 * seed + 0.005 * step for step in range(8)])

    def test_killed_at_some_instants_no_index_is_lost(self, place: Place) -> None:
        kill_at_instants(place, [0.02, 0.05])


def kill_at_instants(place: Place, instants: list[float]) -> None:
    make_decayed(place.dsn, 8000)
    for seconds in instants:
        place.killed_after("rebuild_indexes", seconds)
        until(lambda: not at_work(place.dsn), 5)
        assert value(place.dsn, "SELECT count(*) FROM decayed") == 8000
    place.do("rebuild_indexes")
    assert invalid(place.dsn) == []
    valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'decayed_pkey'::regclass"
    assert value(place.dsn, valid)
    with pytest.raises(psycopg.errors.UniqueViolation):
        run(place.dsn, "INSERT INTO decayed SELECT id FROM decayed LIMIT 1")


def rebuilding(dsn: str) -> bool:
    return bool(value(dsn, "SELECT count(*) FROM pg_stat_progress_create_index"))


def at_work(dsn: str) -> bool:
    return bool(
        value(
            dsn,
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE application_name = 'bigbrother-housekeeping'"
            " AND datname = current_database()",
        )
    )


def test_two_steps_never_mend_at_a_time(place: Place) -> None:
    with mending(place.services), pytest.raises(StepFailed, match="Another step"):
        place.do("rebuild_indexes")
    assert place.do("rebuild_indexes").skipped


def test_a_statement_that_takes_too_long_is_given_up(place: Place) -> None:
    place.changes["optimization"] = {**EAGER, "statement_within": "100ms"}
    began = time.monotonic()
    with connected(place.services) as conn, pytest.raises(psycopg.errors.QueryCanceled):
        conn.execute("SELECT pg_sleep(60)")
    assert time.monotonic() - began < 5
