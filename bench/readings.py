"""How large the watcher's file is after a month of readings, and what writing them costs."""

import random
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.report import Row
from bigbrother.operations.monitoring.readings.points import pack_hour, record
from bigbrother.operations.monitoring.readings.query import query
from bigbrother.operations.monitoring.readings.retention import purge
from bigbrother.operations.monitoring.readings.series import Reading
from bigbrother.operations.store.store import Store
from bigbrother.runbook.load import load_runbook
from bigbrother.runbook.model import Runbook

_DAYS = 31
_LARGEST_BYTES = 30_000_000
_LARGEST_SHARE = 0.01
_BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
_SEED = 7


def measure() -> Iterator[Row]:
    """A month of a default installation, every series as dense as the densest, and noisy."""
    runbook = load_runbook()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ops.db"
        began = time.process_time()
        points = write_days(file, runbook, _DAYS, _SEED)
        share = (time.process_time() - began) / timedelta(days=_DAYS).total_seconds()
        size_bytes = file.stat().st_size
        store = Store(file)
        end = _BEGIN + timedelta(days=_DAYS)
        asked = time.perf_counter()
        store.read(lambda conn: query(conn, "cpu_usage", {}, end - timedelta(days=30), end, 200))
        query_seconds = time.perf_counter() - asked
        packed_bytes = store.read(_packed_bytes_a_point)
        store.close()
    yield Row(
        f"ops.db after {_DAYS} days, {points / 1e6:.1f} M points written",
        f"{size_bytes / 1e6:.1f} MB",
        "",
        "",
        "<= 30 MB",
        size_bytes <= _LARGEST_BYTES,
    )
    yield Row("a point as it came, packed", f"{packed_bytes:.1f} bytes", "", "", "", None)
    yield Row(
        "writing and packing them, share of a core",
        f"{share:.3%}",
        "",
        "",
        "<= 1 %",
        share <= _LARGEST_SHARE,
    )
    yield Row("30 days of a series, asked for", f"{1000 * query_seconds:.0f} ms", "", "", "", None)


def write_days(file: Path, runbook: Runbook, days: float, seed: int) -> int:
    """Writes what the watcher would in so many days; how many points that were.

    An hour's scrapes are one transaction and the disk is not waited for: only the size counts.
    """
    Store(file).close()
    dice = random.Random(seed)  # noqa: S311
    step = runbook.watching.scrape_every.duration
    upkeep_every = runbook.watching.upkeep_every.duration
    now, end, upkeep_at, points = _BEGIN, _BEGIN + timedelta(days=days), _BEGIN, 0
    with closing(sqlite3.connect(file, isolation_level=None)) as conn:
        conn.row_factory = sqlite3.Row
        conn.execute("PRAGMA synchronous = OFF")
        conn.execute("BEGIN")
        while now < end:
            readings = _scrape(now + timedelta(milliseconds=dice.randrange(20)), dice)
            points += len(readings)
            record(conn, readings, now, runbook.retention.readings.duration)
            if now >= upkeep_at:
                upkeep_at = now + upkeep_every
                while pack_hour(conn, now):
                    continue
                purge(conn, runbook.retention, now)
                conn.execute("COMMIT")
                conn.executescript("PRAGMA incremental_vacuum")
                conn.execute("BEGIN")
            now += step
        conn.execute("COMMIT")
    return points


def _scrape(at: datetime, dice: random.Random) -> list[Reading]:
    """Every series of a default installation at one moment."""
    ratios = {
        "cpu_usage": dice.betavariate(2, 5),
        "memory_usage": dice.gauss(0.6, 0.01),
        "error_rate": dice.choice((0.0, 0.0, 0.0, dice.random() / 100)),
        "batch_success": dice.choice((1.0, 1 - dice.random() / 100)),
    }
    seconds = {
        "response_time": dice.lognormvariate(-2, 0.3),
        "response_time_median": dice.lognormvariate(-3, 0.3),
        "inference_time": dice.lognormvariate(-3, 0.2),
    }
    units = ("db", "face", "worker", "ops")
    return [
        *(Reading(name, at, value, "ratio") for name, value in ratios.items()),
        *(Reading(name, at, value, "seconds") for name, value in seconds.items()),
        *(
            Reading("disk_space", at, dice.gauss(0.5, 0.001), "ratio", {"mount": mount})
            for mount in ("/", "/var")
        ),
        *(
            Reading(
                "endpoint_time", at, dice.lognormvariate(-4, 0.5), "seconds", {"endpoint": path}
            )
            for path in ("/health", "/readyz")
        ),
        *(Reading("unit_up", at, 1, "", {"unit": f"bigbrother-{unit}"}) for unit in units),
        Reading("requests_per_second", at, dice.expovariate(0.1), "per second"),
        Reading("queue_size", at, dice.randrange(1000), "count"),
        Reading("watcher_memory", at, 60e6 + 4096 * dice.randrange(2000), "bytes"),
    ]


def _packed_bytes_a_point(conn: sqlite3.Connection) -> float:
    row = conn.execute(
        "SELECT sum(length(points)) AS bytes, count(*) AS chunks FROM chunk WHERE resolution = 0"
    ).fetchone()
    per_hour = 3600 / load_runbook().watching.scrape_every.value
    return float(row["bytes"] / (row["chunks"] * per_hour))
