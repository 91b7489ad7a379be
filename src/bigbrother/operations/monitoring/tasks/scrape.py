"""Reads the metrics of the face analyzer, and keeps what they say."""

from collections.abc import Sequence
from datetime import datetime
from sqlite3 import Connection

from bigbrother.kernel.errors import Unavailable
from bigbrother.kernel.status import Status
from bigbrother.operations.checks.scrapes import (
    Scraped,
    drop_scrapes,
    keep_scrape,
    scrape,
    scrape_to_compare,
)
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.monitoring.readings.points import record
from bigbrother.operations.monitoring.readings.series import Reading
from bigbrother.operations.monitoring.schedule import Every
from bigbrother.operations.monitoring.task import Task
from bigbrother.operations.monitoring.tasks.figures import figures
from bigbrother.operations.monitoring.tasks.looking import Looking

# A scrape is compared with those of up to twice `watching.over` ago.
_SPANS_KEPT = 3


def scrape_metrics(looking: Looking) -> Task:
    """One scrape: one page, one transaction."""

    def run(now: datetime) -> Sequence[Finding]:
        services, runbook = looking.services, looking.runbook
        own = Reading("watcher_memory", now, services.host.own_memory_bytes(), "bytes")
        try:
            counters = scrape(services.face, runbook, now)
        except Unavailable as error:
            looking.keep([own], now)
            return [
                Finding(
                    "metrics_unreadable",
                    Status.FAILED,
                    now,
                    summary=f"The figures of the face analyzer cannot be read: {error.detail}",
                    remedy=error.remedy or "See `bigbrother logs bigbrother-face`.",
                )
            ]
        before = services.store.read(lambda conn: scrape_to_compare(conn, runbook, now))
        found, readings = figures(looking.observed(now, Scraped(counters, before)), now)

        def keep(conn: Connection) -> None:
            keep_scrape(conn, counters)
            drop_scrapes(conn, now - _SPANS_KEPT * runbook.watching.over.duration)
            record(conn, [*readings, own], now, runbook.retention.readings.duration)

        services.store.write(keep)
        well = Finding("metrics_unreadable", Status.PASSED, now, summary="They can be read.")
        return [well, *found]

    return Task(
        name="scrape",
        when=lambda runbook: Every(runbook.watching.scrape_every.duration),
        within=lambda runbook: runbook.watching.task_within.duration,
        run=run,
    )
