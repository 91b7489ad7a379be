"""The watcher's file is kept small while the watcher writes to it."""

import json
import random
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bigbrother.operations.monitoring.as_of import come_to
from bigbrother.operations.monitoring.readings.points import record
from bigbrother.operations.monitoring.readings.series import Reading
from bigbrother.operations.procedures.outcome import Happened
from bigbrother.operations.procedures.records import RunState
from bigbrother.operations.store.store import Store
from tests.conftest import ROOT
from tests.integration.operations.housekeeping.place import NOW, Place

DAY = timedelta(days=1)

# A watcher that writes much more than any: it counts, and says what it has written down.
WRITER = """
import sys
import time
from pathlib import Path
from bigbrother.operations.store.store import Store

store = Store(Path(sys.argv[1]))
number = 0
while True:
    number += 1
    store.write(lambda conn: conn.execute(
        "INSERT OR REPLACE INTO fact (name, value, at) VALUES ('count', '', ?)", (number,)
    ))
    print(number, flush=True)
    time.sleep(0.002)
"""


def add_run(
    store: Store,
    run_id: str,
    procedure: str,
    ended_at: datetime | None,
    state: RunState = RunState.SUCCEEDED,
) -> None:
    """A run with one step and two events."""
    at = (ended_at or NOW).timestamp()
    ended = None if ended_at is None else at
    store.write(
        lambda conn: (
            conn.execute(
                "INSERT INTO run (id, procedure, resource, arguments, steps, fingerprint, state,"
                " reason, asked_by, created_at, updated_at, ended_at)"
                " VALUES (?, ?, 'r', '{}', '[]', 'f', ?, 'r', 'w', ?, ?, ?)",
                (run_id, procedure, state, at, at, ended),
            ),
            conn.execute(
                "INSERT INTO attempt (run_id, number, phase, attempt, action, state, began_at)"
                " VALUES (?, 0, 'do', 1, 'purge_logs', 'done', ?)",
                (run_id, at),
            ),
            conn.executemany(
                "INSERT INTO run_event (run_id, at, kind, data) VALUES (?, ?, 'line', ?)",
                [(run_id, at, json.dumps({"text": "said"}))] * 2,
            ),
        )
    )


def ids(store: Store, table: str = "run", column: str = "id") -> set[str]:
    return store.read(
        lambda conn: {row[0] for row in conn.execute(f"SELECT {column} FROM {table}")}  # noqa: S608
    )


class TestRuns:
    def test_old_runs_go_with_all_that_is_of_them(self, place: Place) -> None:
        store = place.store()
        for number, days in enumerate((1, 300, 400, 500)):
            add_run(store, f"run-{number}", "housekeeping.cleaning", NOW - days * DAY)
        assert "2 runs" in place.plan("purge_runs")
        place.do("purge_runs")
        assert ids(store) == {"run-0", "run-1"}
        assert ids(store, "attempt", "run_id") == ids(store, "run_event", "run_id") == ids(store)
        assert place.verify("purge_runs") is Happened.YES
        assert place.do("purge_runs").skipped
        store.close()

    def test_of_each_procedure_the_last_stays_and_the_last_that_succeeded(
        self, place: Place
    ) -> None:
        store = place.store()
        for name in ("a", "b"):
            add_run(store, f"{name}-older", name, NOW - 903 * DAY)
            add_run(store, f"{name}-good", name, NOW - 902 * DAY)
            add_run(store, f"{name}-bad", name, NOW - 901 * DAY, RunState.FAILED)
            add_run(store, f"{name}-last", name, NOW - 900 * DAY, RunState.UNDONE)
        add_run(store, "open", "a", None, RunState.HELD)
        place.do("purge_runs")
        assert ids(store) == {"a-good", "a-last", "b-good", "b-last", "open"}
        store.close()

    def test_a_clock_that_is_years_ahead_deletes_nothing_early(self, place: Place) -> None:
        store = place.store()
        store.write(lambda conn: come_to(conn, NOW, timedelta(hours=1)))
        for number in range(3):
            add_run(store, f"run-{number}", "a", NOW - number * DAY)
        place.clock.at = NOW + 3000 * DAY
        assert place.do("purge_runs").skipped
        assert len(ids(store)) == 3
        store.close()

    @pytest.mark.parametrize("seed", range(4))
    def test_killed_between_batches_it_leaves_whole_runs(self, tmp_path: Path, seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - a seeded test
        place = Place(tmp_path, changes={"cleaning": {"at_once": 3}})
        store = place.store()
        for number in range(20):
            add_run(store, f"run-{number}", "a", NOW - (400 + number) * DAY)
        store.close()
        while place.killed_while("purge_runs", chance.randint(1, 3)):
            store = place.store()
            assert "run-0" in ids(store)
            assert ids(store, "attempt", "run_id") == ids(store)
            assert ids(store, "run_event", "run_id") == ids(store)
            store.close()
        store = place.store()
        assert ids(store) == {"run-0"}
        store.close()


class TestCompacting:
    def test_free_pages_go_back_to_the_disk_while_the_watcher_writes(self, place: Place) -> None:
        store = place.store()
        store.write(
            lambda conn: conn.executemany(
                "INSERT INTO check_run (at, kind, results) VALUES (?, 'old', ?)",
                [(number, "x" * 2000) for number in range(2000)],
            )
        )
        store.write(lambda conn: conn.execute("DELETE FROM check_run WHERE kind = 'old'"))
        file = place.settings.ops_store
        store.read(lambda conn: conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())
        before = file.stat().st_size
        assert "give back 4" in place.plan("compact_ops_store")
        with subprocess.Popen(
            (sys.executable, "-c", WRITER, str(file)),
            stdout=subprocess.PIPE,
            cwd=ROOT,
            text=True,
        ) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            outcome = place.do("compact_ops_store")
            line = writer.stdout.readline()
            writer.send_signal(signal.SIGKILL)
            said = int((line + writer.stdout.read()).split()[-1])
        given = outcome.data["bytes"]
        assert isinstance(given, int)
        assert given > 3_000_000
        assert file.stat().st_size < before / 2
        counted = store.read(
            lambda conn: conn.execute("SELECT at FROM fact WHERE name = 'count'").fetchone()[0]
        )
        assert counted in (said, said + 1)
        assert store.read(lambda c: c.execute("PRAGMA integrity_check").fetchone()[0]) == "ok"
        assert place.verify("compact_ops_store") is Happened.YES
        store.close()

    def test_so_many_pages_are_given_back_at_a_time(self, place: Place) -> None:
        store = place.store()
        rows = [(number, "x" * 2000) for number in range(500)]
        store.write(
            lambda conn: conn.executemany(
                "INSERT INTO check_run (at, kind, results) VALUES (?, 'old', ?)", rows
            )
        )
        store.write(lambda conn: conn.execute("DELETE FROM check_run"))
        free = "PRAGMA freelist_count"
        before = store.read(lambda conn: conn.execute(free).fetchone()[0])
        assert store.give_back(50)
        assert store.read(lambda conn: conn.execute(free).fetchone()[0]) == before - 50
        while store.give_back(50):
            continue
        assert store.read(lambda conn: conn.execute(free).fetchone()[0]) == 0
        store.close()

    def test_few_free_pages_are_not_worth_it(self, place: Place) -> None:
        place.store().close()
        assert "not worth" in place.plan("compact_ops_store")
        assert place.do("compact_ops_store").skipped

    def test_readings_are_packed_and_purged_when_no_watcher_does_it(self, place: Place) -> None:
        store = place.store()
        for days in (900, 1, 0):
            at = NOW - days * DAY
            readings = [Reading("figure", at, 1.0, "", {})]
            store.write(lambda conn, r=readings, a=at: record(conn, r, a, 1000 * DAY))  # type: ignore[misc]
        outcome = place.do("compact_ops_store")
        # The hour that goes on is not packed yet.
        assert outcome.data["hours"] == 2
        assert isinstance(outcome.data["chunks"], int)
        assert outcome.data["chunks"] > 0
        left = store.read(
            lambda conn: conn.execute("SELECT min(begins_at) FROM chunk").fetchone()[0]
        )
        assert left > (NOW - 800 * DAY).timestamp()
        store.close()

    @pytest.mark.parametrize("seed", range(3))
    def test_killed_in_mid_compacting_the_file_is_whole(self, tmp_path: Path, seed: int) -> None:
        place = Place(tmp_path, changes={"cleaning": {"at_once": 5, "worth_compacting": "10 kB"}})
        store = place.store()
        store.write(
            lambda conn: conn.executemany(
                "INSERT INTO check_run (at, kind, results) VALUES (?, 'old', ?)",
                [(number, "x" * 3000) for number in range(400)],
            )
        )
        store.write(lambda conn: conn.execute("DELETE FROM check_run WHERE at < 390"))
        store.close()
        chance = random.Random(seed)  # noqa: S311 - a seeded test
        for _ in range(5):
            place.killed_after("compact_ops_store", chance.uniform(0.002, 0.05))
        place.do("compact_ops_store")
        store = place.store()
        assert store.read(lambda c: c.execute("PRAGMA integrity_check").fetchone()[0]) == "ok"
        assert store.read(lambda c: c.execute("SELECT count(*) FROM check_run").fetchone()[0]) == 10
        store.close()
        assert place.verify("compact_ops_store") is Happened.YES
