"""The counters as they stood: taken from the face analyzer, kept in ops.db, compared."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from bigbrother.kernel.errors import BigBrotherError
from bigbrother.operations.checks.counters import Counters, Difference, difference
from bigbrother.operations.checks.errors import MetricPageInvalid
from bigbrother.operations.checks.metric_page import MetricPage, read_page
from bigbrother.operations.checks.sentences import Figure, Sentence, sentence
from bigbrother.operations.store.store import Store
from bigbrother.ports.face_service import FaceService, FaceServiceUnreachable
from bigbrother.runbook.model import Runbook

_OK = 200


@dataclass(frozen=True, slots=True)
class Scraped:
    """The counters now, and those that they are compared with."""

    now: Counters | None
    """None: `trouble` says why."""
    before: Counters | None = None
    """None: everything since the analyzer's start counts."""
    trouble: BigBrotherError | None = None

    def counters(self) -> Counters:
        """The counters now; raises what stood in the way."""
        if self.now is None:
            raise self.trouble or MetricPageInvalid("The counters were not read.")
        return self.now

    def difference(self) -> Difference:
        """What came since `before`; raises what stood in the way."""
        return difference(self.counters(), self.before)

    def span(self) -> Sentence:
        """Over which time the differences are."""
        if self.before is None or self.now is None:
            return sentence("Counted since the face analyzer's start.")
        found = self.difference()
        if found.restarted:
            return sentence("Counted since the face analyzer started anew.")
        return sentence("Counted over the last {span}.", span=Figure(found.seconds, "seconds"))


def read_metrics(face: FaceService, runbook: Runbook) -> MetricPage:
    """The metric page now. Raises FaceServiceUnreachable, MetricPageInvalid."""
    watching = runbook.watching
    largest_bytes = round(watching.largest_metric_page.value)
    answer = face.get("/metrics", watching.look_within.value, largest_bytes)
    if answer.status != _OK:
        raise MetricPageInvalid(
            f"/metrics of the face analyzer answers with status {answer.status}.",
            remedy="See `bigbrother logs bigbrother-face`.",
        )
    return read_page(
        answer.body, largest_bytes=largest_bytes, most_samples=watching.most_metric_samples
    )


def scrape(face: FaceService, runbook: Runbook, now: datetime) -> Counters:
    """The counters now. Raises FaceServiceUnreachable, MetricPageInvalid."""
    return Counters.of(read_metrics(face, runbook), now)


def scraped_now(face: FaceService, runbook: Runbook, now: datetime, store: Store | None) -> Scraped:
    """The counters now, against those that the watcher kept in `store` if it did lately."""
    try:
        counters = scrape(face, runbook, now)
    except (FaceServiceUnreachable, MetricPageInvalid) as error:
        return Scraped(None, trouble=error)
    if store is None:
        return Scraped(counters)
    return Scraped(counters, store.read(lambda conn: scrape_to_compare(conn, runbook, now)))


def keep_scrape(conn: sqlite3.Connection, counters: Counters) -> None:
    """Keeps the counters; those of the same moment are replaced."""
    conn.execute(
        "INSERT OR REPLACE INTO scrape (at, counters) VALUES (?, ?)",
        (counters.at.timestamp(), counters.to_bytes()),
    )


def scrape_before(conn: sqlite3.Connection, at: datetime) -> Counters | None:
    """The newest counters that were kept at this moment or before."""
    return _counters(
        conn.execute(
            "SELECT at, counters FROM scrape WHERE at <= ? ORDER BY at DESC LIMIT 1",
            (at.timestamp(),),
        ).fetchone()
    )


def scrape_to_compare(conn: sqlite3.Connection, runbook: Runbook, now: datetime) -> Counters | None:
    """The counters that those of now are compared with: of `watching.over` ago.

    While the watcher has not looked for so long, the oldest since; None where it has not looked at
    all within twice that time.
    """
    over = runbook.watching.over.duration
    found = scrape_before(conn, now - over)
    if found is not None and found.at >= now - 2 * over:
        return found
    return _counters(
        conn.execute(
            "SELECT at, counters FROM scrape WHERE at > ? AND at < ? ORDER BY at LIMIT 1",
            ((now - over).timestamp(), now.timestamp()),
        ).fetchone()
    )


def drop_scrapes(conn: sqlite3.Connection, before: datetime) -> int:
    """Forgets counters older than this; how many."""
    return conn.execute("DELETE FROM scrape WHERE at < ?", (before.timestamp(),)).rowcount


def _counters(row: sqlite3.Row | None) -> Counters | None:
    return None if row is None else Counters.from_bytes(row["at"], row["counters"])
