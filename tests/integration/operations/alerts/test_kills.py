"""A watcher that is killed at any instant: what it had said is in the file, whole and once."""

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bigbrother.operations.store.store import Store
from tests.integration.operations.alerts.books import assert_sound
from tests.waiting import until

PROGRAM = """
import random, sys
from datetime import timedelta
from pathlib import Path
from bigbrother.kernel.status import Status
from bigbrother.operations.monitoring.finding import Finding
from tests.integration.operations.alerts.books import opened_book
from tests.unit.operations.alerts.findings import NOON

chance, now = random.Random(sys.argv[2]), NOON + timedelta(seconds=float(sys.argv[3]))
store, book = opened_book(Path(sys.argv[1]))
while True:
    now += timedelta(seconds=chance.choice((0.01, 1, 40, 2000)))
    findings = [
        Finding(
            chance.choice(("unit_down", "error_rate", "endpoint_slow")),
            chance.choice((Status.PASSED, Status.FAILED)),
            now,
            labels={"n": str(chance.randrange(3))},
        )
        for _ in range(chance.randrange(1, 8))
    ]
    for change in (*book.take(findings, now), *book.tick(now)):
        print(change.alert.id, change.kind, flush=True)
"""


def kill_again_and_again(folder: Path, times: int) -> None:
    chance = random.Random(4)  # noqa: S311 - repeatable
    told: list[tuple[str, str]] = []
    for turn in range(times):
        said = folder / f"said-{turn}"
        least = chance.randrange(1, 4000)
        with said.open("wb") as out:
            child = subprocess.Popen(
                (sys.executable, "-c", PROGRAM, str(folder), str(turn), str(turn * 1e6)), stdout=out
            )
        try:
            until(lambda said=said, least=least: said.stat().st_size > least)  # type: ignore[misc]
        finally:
            child.kill()
        assert child.wait() == -signal.SIGKILL
        # The last line may be cut; what stands whole was durable before it was said.
        for line in said.read_text().split("\n")[:-1]:
            alert_id, kind = line.split()
            told.append((alert_id, kind))
        store = Store(folder / "ops.db")
        store.read(assert_sound)
        written = store.read(
            lambda conn: conn.execute("SELECT alert_id, kind FROM alert_event").fetchall()
        )
        store.close()
        left = [(row["alert_id"], row["kind"]) for row in written]
        for one in told:
            left.remove(one)


def test_nothing_said_is_lost_or_said_twice_by_a_watcher_that_is_killed(tmp_path: Path) -> None:
    kill_again_and_again(tmp_path, 3)


@pytest.mark.slow
def test_nothing_is_lost_by_a_watcher_that_is_killed_fifty_times(tmp_path: Path) -> None:
    kill_again_and_again(tmp_path, 50)
