"""A sample of the month that `python -m bench readings` measures in full."""

import sqlite3
from contextlib import closing
from pathlib import Path

from bench.readings import write_days

from bigbrother.runbook.load import load_runbook

LARGEST_BYTES = 30_000_000


def test_a_month_of_readings_stays_far_below_its_limit(tmp_path: Path) -> None:
    """By the bytes of a quarter of a day: raw for a week, rollups for the month."""
    runbook = load_runbook()
    file = tmp_path / "ops.db"
    days = 0.25
    write_days(file, runbook, days, seed=7)
    with closing(sqlite3.connect(file)) as conn:
        size_bytes = dict(
            conn.execute("SELECT resolution, sum(length(points)) FROM chunk GROUP BY resolution")
        )
    kept_days = runbook.retention.readings.value / 86400
    raw_bytes = size_bytes[0] / days * kept_days
    rollup_bytes = sum(size_bytes[each] for each in (300, 3600, 86400)) / days * 31
    # Pages that are not full take as much again at the most.
    assert 2 * (raw_bytes + rollup_bytes) < LARGEST_BYTES
