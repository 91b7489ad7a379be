"""A watcher's desk without its threads: book, outbox and pager on a real file, time by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from bigbrother.adapters.clock import SystemClock
from bigbrother.kernel.status import Status
from bigbrother.operations.alerts.book import AlertBook, Change
from bigbrother.operations.alerts.outbox.outbox import Outbox
from bigbrother.operations.alerts.records import Alert
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.response.pager import Pager
from bigbrother.operations.response.telling import Explanation
from bigbrother.operations.store.store import Store
from bigbrother.runbook.load import load_runbook
from bigbrother.runbook.model import Runbook

MONDAY_NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NOTHING = Explanation("", whole=False)


@dataclass
class Desk:
    """What a watcher decides; `again` is a watcher that begins anew after a kill."""

    folder: Path
    runbook: Runbook
    now: datetime = MONDAY_NOON
    due: datetime | None = None
    known: dict[str, Explanation] = field(default_factory=dict)
    """What diagnoses have found, by an alert's name; it outlives a kill, as ops.db does."""
    store: Store = field(init=False)
    book: AlertBook = field(init=False)
    pager: Pager = field(init=False)

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Nothing is known but what the file tells."""
        self.store = Store(self.folder / "ops.db")
        self.book = AlertBook(self.store, lambda: self.runbook)
        outbox = Outbox(
            self.store,
            lambda: self.runbook,
            self.folder,
            SystemClock(),
            told=lambda _: None,
            report=lambda _: None,
        )
        self.pager = Pager(
            self.store,
            self.book,
            outbox,
            lambda: self.runbook,
            lambda key, contact, _: f"https://watcher/{key}/{contact}",
            lambda alert, _contact, _now: self.known.get(alert.name, NOTHING),
        )
        self.pager.begin(self.now)

    def diagnosed(self, alert: str, text: str) -> None:
        """A diagnosis of an alert came."""
        self.known[alert] = Explanation(text, whole=True)
        self.pager.explained(self.now)

    def again(self) -> None:
        """The watcher was killed; another one opens the file."""
        self.store.close()
        self.begin()

    def find(self, *findings: Finding) -> tuple[Change, ...]:
        """One round with these findings."""
        changes = (*self.book.take(findings, self.now), *self.book.tick(self.now))
        moments = (self.pager.follow(changes, self.now), self.book.next_due(self.now))
        self.due = min((moment for moment in moments if moment is not None), default=None)
        return changes

    def settle(self) -> None:
        """Rounds until nothing is due at this moment: groups have been gathered."""
        self.find()
        self.now += self.runbook.alert_config.gather.duration
        self.find()

    def pass_time(self, **span: float) -> None:
        """Moves time on, with a round at every moment that the pager asked for."""
        end = self.now + timedelta(**span)
        while self.due is not None and self.due <= end:
            self.now = max(self.now, self.due)
            self.find()
        self.now = end
        self.find()

    def down(self, unit: str = "bigbrother-worker", *, grace_seconds: float = 0) -> Finding:
        """A finding: the unit is down."""
        return Finding(
            "unit_down",
            Status.FAILED,
            self.now,
            labels={"unit": unit},
            summary=f"{unit} is down.",
            grace_seconds=grace_seconds,
        )

    def up(self, unit: str = "bigbrother-worker") -> Finding:
        """A finding: the unit runs."""
        return Finding("unit_down", Status.PASSED, self.now, labels={"unit": unit})

    def only(self) -> Alert:
        """The one open alert."""
        (alert,) = self.book.open_alerts()
        return alert

    def messages(self) -> list[dict[str, Any]]:
        """What is queued, in its order."""
        rows = self.store.read(
            lambda conn: conn.execute("SELECT * FROM message ORDER BY id").fetchall()
        )
        return [dict(row) for row in rows]

    def said(self) -> list[tuple[str, str]]:
        """Kind and hearer of each message: a contact, or else a channel."""
        return [(one["kind"], one["contact"] or one["channel"]) for one in self.messages()]

    def paged(self) -> list[str]:
        """Contacts in the order of their pages."""
        return [one["contact"] for one in self.messages() if one["kind"] == "page"]

    def told_of(self) -> set[str]:
        """Names of alerts that messages are about."""
        rows = self.store.read(
            lambda conn: conn.execute(
                "SELECT DISTINCT name FROM alert JOIN message_alert ON alert_id = alert.id"
            ).fetchall()
        )
        return {row["name"] for row in rows}


def document(folder: Path, overlay: Mapping[str, Any] | None = None) -> Runbook:
    """The default document with something over it."""
    path = folder / "overlay.yaml"
    path.write_text(yaml.safe_dump(dict(overlay or {})), "utf-8")
    return load_runbook(path)


def kinds(changes: Sequence[Change]) -> list[str]:
    """What happened."""
    return [change.kind for change in changes]
