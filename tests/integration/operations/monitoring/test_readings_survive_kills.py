"""A watcher that is killed while it writes readings loses at most the scrape it was at."""

import random
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bigbrother.operations.monitoring.readings import chunks
from bigbrother.operations.monitoring.readings.points import fresh_rollups, loose_points, pack_hour
from bigbrother.operations.monitoring.readings.rollup import RESOLUTIONS_SECONDS, roll_up
from bigbrother.operations.monitoring.readings.series import all_series
from bigbrother.operations.store.store import Store

BEGIN = datetime(2026, 11, 22, tzinfo=UTC)
SERIES = 5
# Scrapes lie so far apart that packing happens at every third.
STEP = timedelta(minutes=20)

WRITER = f"""
import sys
from datetime import datetime, timedelta
from pathlib import Path
from bigbrother.operations.monitoring.readings.points import pack_hour, record
from bigbrother.operations.monitoring.readings.series import Reading
from bigbrother.operations.store.store import Store

store, number = Store(Path(sys.argv[1])), int(sys.argv[2])
begin = datetime.fromisoformat({BEGIN.isoformat()!r})
while True:
    at = begin + number * timedelta(seconds={STEP.total_seconds()})
    readings = [Reading("figure", at, number, "", {{"of": str(of)}}) for of in range({SERIES})]
    store.write(lambda conn: record(conn, readings, at, timedelta(days=7)))
    print(number, flush=True)
    while store.write(lambda conn: pack_hour(conn, at)):
        continue
    number += 1
"""


def write_and_kill(file: Path, first: int, scrapes: int) -> int:
    """Kills a writer some instant after so many scrapes; the last that it said was written."""
    writer = subprocess.Popen(
        (sys.executable, "-c", WRITER, str(file), str(first)), stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    try:
        for _ in range(scrapes):
            assert writer.stdout.readline()
    finally:
        writer.send_signal(signal.SIGKILL)
    rest = writer.stdout.read().split()
    writer.wait(10)
    writer.stdout.close()
    return int(rest[-1]) if rest else first + scrapes - 1


def written(conn: sqlite3.Connection, series: int, until: int) -> dict[int, float]:
    begin = int(BEGIN.timestamp())
    return chunks.raw_points(conn, series, begin, until) | loose_points(conn, series, begin, until)


def check(conn: sqlite3.Connection, last: int) -> int:
    """Every series is whole; the number of the last scrape in it."""
    series = all_series(conn)
    assert len(series) == SERIES
    begin, until = int(BEGIN.timestamp()), int((BEGIN + (last + 10) * STEP).timestamp())
    found = [written(conn, each.id, until) for each in series]
    assert all(each == found[0] for each in found)
    count = len(found[0])
    assert count in (last + 1, last + 2)
    expected = {int((BEGIN + n * STEP).timestamp() * 1000): float(n) for n in range(count)}
    assert found[0] == expected
    for resolution in RESOLUTIONS_SECONDS:
        rollups = fresh_rollups(conn, series[0].id, resolution, begin, until)
        assert rollups == roll_up(expected, resolution * 1000)
    return count - 1


def kill_again_and_again(file: Path, rounds: int, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311
    last = -1
    for _ in range(rounds):
        last = write_and_kill(file, last + 1, dice.randint(1, 25))
        store = Store(file)
        last = store.read(lambda conn, last=last: check(conn, last))  # type: ignore[misc]
        store.close()
    store = Store(file)
    now = BEGIN + (last + 9) * STEP
    while store.write(lambda conn: pack_hour(conn, now)):
        continue
    store.read(lambda conn: check(conn, last))
    store.close()


def test_kills_lose_no_scrape_that_was_written(tmp_path: Path) -> None:
    kill_again_and_again(tmp_path / "ops.db", rounds=3, seed=4)


@pytest.mark.slow
def test_many_kills_lose_no_scrape_that_was_written(tmp_path: Path) -> None:
    kill_again_and_again(tmp_path / "ops.db", rounds=60, seed=5)
