"""What was said already of each open alert, so that nothing is said twice.

It is kept as events of the alert, written in the transaction that queues the message: a watcher
that was killed at any instant knows afterwards what it had said.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

_END = "resolved"


@dataclass(slots=True)
class Said:
    """Of one alert."""

    channels: dict[str, datetime] = field(default_factory=dict)
    """Channels that were told, with the moment at which the alert had fired then."""
    pages: dict[str, str] = field(default_factory=dict)
    """Keys of pages with the key of the message that carried each."""
    contacts: dict[str, bool] = field(default_factory=dict)
    """Who was paged, and whether only quietly."""
    quiet: bool = False
    inhibited: bool = False
    lingers_until: datetime | None = None
    """Of an alert that another kept quiet until now: for how long it stays so."""
    heard_at: datetime | None = None
    """When it began to be heard after a silence: it counts as fired then."""
    ended: set[tuple[str, str]] = field(default_factory=set)
    """Who was told of the end: `told` and a channel, or `paged` and a contact."""
    diagnosed: set[tuple[str, str]] = field(default_factory=set)
    """Who was told what a diagnosis found; named as in `ended`."""
    asked: set[tuple[str, str, str]] = field(default_factory=set)
    """Who was asked to approve which run; named as in `ended`, then the run."""
    breached: bool = False
    looked_at: datetime | None = None
    """When it was last asked who is to be paged."""

    @property
    def anything(self) -> bool:
        """Whether anybody was told of it."""
        return bool(self.channels or self.contacts)

    def was_explained(self, hearer: tuple[str, str], whole: bool, asks: str) -> None:
        """A message told this hearer what the diagnosis found, or asked for a yes to a run."""
        if whole:
            self.diagnosed.add(hearer)
        if asks:
            self.asked.add((*hearer, asks))


def remember_broadcast(
    conn: sqlite3.Connection, alert_id: str, channel: str, fired_at: datetime, now: datetime
) -> None:
    """A channel is told that the alert fired."""
    _event(conn, alert_id, now, "told", channel, fired_at.isoformat())


def remember_page(
    conn: sqlite3.Connection,
    alert_id: str,
    contact: str,
    detail: tuple[str, str, str, str],
    now: datetime,
) -> None:
    """A contact is paged; `detail`: loud or quiet, level and reason, the page's and message's key.

    None of the four has a blank in it.
    """
    _event(conn, alert_id, now, "paged", contact, " ".join(detail))


def remember_end(
    conn: sqlite3.Connection, alert_id: str, hearer: tuple[str, str], now: datetime
) -> None:
    """A channel (`told`) or a contact (`paged`) is told that it is over."""
    _event(conn, alert_id, now, *hearer, _END)


def remember_explained(
    conn: sqlite3.Connection,
    alert_id: str,
    hearer: tuple[str, str],
    whole: bool,
    asks: str,
    now: datetime,
) -> None:
    """A channel (`told`) or a contact (`paged`) is told what a diagnosis found, where `whole`; it
    is asked to approve the run `asks`, where there is one.
    """
    how, who = hearer
    if whole:
        _event(conn, alert_id, now, "diagnosed", who, how)
    if asks:
        _event(conn, alert_id, now, "asked", who, f"{how} {asks}")


def remember(conn: sqlite3.Connection, alert_id: str, kind: str, detail: str, at: datetime) -> None:
    """`quieted`, `heard` or `breached`."""
    _event(conn, alert_id, at, kind, "", detail)


def remember_run(
    conn: sqlite3.Connection, alert_id: str, run_id: str, procedure: str, now: datetime
) -> None:
    """The run of another alert cures this one, too."""
    _event(conn, alert_id, now, "run", "", f"{run_id} {procedure}")


def joined_run(conn: sqlite3.Connection, alert_id: str, since: datetime) -> str | None:
    """The id of the newest run that was to cure the alert, too, since then."""
    row = conn.execute(
        "SELECT detail FROM alert_event WHERE alert_id = ? AND kind = 'run' AND at >= ?"
        " ORDER BY id DESC LIMIT 1",
        (alert_id, since.timestamp()),
    ).fetchone()
    return None if row is None else str(row["detail"].partition(" ")[0])


def in_words(kind: str, detail: str) -> str:
    """What the detail of an event says to a person."""
    if detail == _END and kind in ("told", "paged"):
        return "that it is over"
    if kind == "told":
        return "that it fires"
    if kind == "diagnosed":
        return "what the diagnosis found"
    if kind == "asked":
        return f"whether {detail.partition(' ')[2]} may go on"
    if kind == "paged":
        loudness, place, *_ = detail.split(" ")
        level, _, reason = place.partition(":")
        return f"{level}, {reason}" + (", quietly" if loudness == "quiet" else "")
    return detail


def load(conn: sqlite3.Connection, alert_ids: Iterable[str]) -> dict[str, Said]:
    """What was said of these alerts."""
    found = {}
    for alert_id in alert_ids:
        said = found[alert_id] = Said()
        for event in conn.execute(
            "SELECT kind, at, who, detail FROM alert_event WHERE alert_id = ? ORDER BY id",
            (alert_id,),
        ):
            _apply(said, event)
    return found


def acknowledged_before(
    conn: sqlite3.Connection, alert_id: str
) -> tuple[tuple[datetime, datetime], ...]:
    """Spans of acknowledgements that were taken back: from, until."""
    spans = []
    begun: datetime | None = None
    for event in conn.execute(
        "SELECT kind, at FROM alert_event WHERE alert_id = ?"
        " AND kind IN ('acknowledged', 'unacknowledged') ORDER BY id",
        (alert_id,),
    ):
        at = datetime.fromtimestamp(event["at"], UTC)
        if event["kind"] == "acknowledged":
            begun = at
        elif begun is not None:
            spans.append((begun, at))
            begun = None
    return tuple(spans)


def unfinished(conn: sqlite3.Connection, since: datetime) -> list[str]:
    """Alerts that ended since then, and somebody who was told of them was not told of that."""
    rows = conn.execute(
        "SELECT id FROM alert WHERE state = 'resolved' AND resolved_at >= :since AND EXISTS ("
        " SELECT 1 FROM alert_event AS begun WHERE begun.alert_id = alert.id"
        "  AND begun.kind IN ('told', 'paged') AND begun.detail != :end AND NOT EXISTS ("
        "   SELECT 1 FROM alert_event AS over WHERE over.alert_id = alert.id"
        "    AND over.kind = begun.kind AND over.who = begun.who AND over.detail = :end))",
        {"since": since.timestamp(), "end": _END},
    )
    return [row["id"] for row in rows]


def _apply(said: Said, event: sqlite3.Row) -> None:
    kind, detail = event["kind"], event["detail"]
    if detail == _END and kind in ("told", "paged"):
        said.ended.add((kind, event["who"]))
    elif kind == "told":
        said.channels[event["who"]] = datetime.fromisoformat(detail)
    elif kind == "paged":
        loudness, _, page_key, message_key = detail.split(" ")
        said.pages[page_key] = message_key
        said.contacts[event["who"]] = loudness == "quiet"
    elif kind == "diagnosed":
        said.diagnosed.add((detail, event["who"]))
    elif kind == "asked":
        how, _, run_id = detail.partition(" ")
        said.asked.add((how, event["who"], run_id))
    elif kind == "quieted":
        said.quiet = True
    elif kind == "heard":
        said.quiet = False
        said.heard_at = datetime.fromtimestamp(event["at"], UTC)
    elif kind == "breached":
        said.breached = True


def _event(
    conn: sqlite3.Connection, alert_id: str, at: datetime, kind: str, who: str, detail: str
) -> None:
    conn.execute(
        "INSERT INTO alert_event (alert_id, at, kind, who, detail) VALUES (?, ?, ?, ?, ?)",
        (alert_id, at.timestamp(), kind, who, detail),
    )
