"""Silences: somebody says that alerts like these must not page for a while."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from bigbrother.operations.alerts.errors import (
    AmbiguousSilence,
    InvalidSilence,
    SilenceNotFound,
)
from bigbrother.operations.alerts.fingerprint import new_id
from bigbrother.operations.alerts.matching import SEVERITY
from bigbrother.operations.alerts.table import from_epoch
from bigbrother.operations.store.store import Store
from bigbrother.runbook.sections.alerting import SEVERITIES, Alerts

SilenceState = Literal["waits", "active", "over"]


@dataclass(frozen=True, slots=True)
class Silence:
    """Quiet for alerts that match, from a moment to a moment."""

    id: str
    matcher: Mapping[str, str]
    """Empty: every alert."""
    begins_at: datetime
    ends_at: datetime
    who: str
    reason: str
    made_at: datetime

    def state(self, at: datetime) -> SilenceState:
        """Whether it holds at this moment."""
        if at < self.begins_at:
            return "waits"
        return "active" if at < self.ends_at else "over"


@dataclass(frozen=True, slots=True)
class NewSilence:
    """What somebody asks for."""

    matcher: Mapping[str, str]
    ends_at: datetime
    who: str
    reason: str
    begins_at: datetime | None = None
    """None: now."""
    everything: bool = False
    """Whether an empty matcher is meant, and no slip."""


def add(store: Store, asked: NewSilence, alerts: Alerts, now: datetime) -> Silence:
    """Makes a silence; raises InvalidSilence."""
    begins_at = now if asked.begins_at is None else asked.begins_at
    _refuse(asked, begins_at, alerts, now)
    silence = Silence(
        id=new_id(),
        matcher=dict(asked.matcher),
        begins_at=begins_at,
        ends_at=asked.ends_at,
        who=asked.who,
        reason=asked.reason.strip(),
        made_at=now,
    )
    store.write(lambda conn: _insert(conn, silence))
    return silence


def end(store: Store, reference: str, now: datetime) -> Silence:
    """Ends a silence now, named by its id or how that begins; one that is over stays as it is.

    Raises SilenceNotFound or AmbiguousSilence.
    """

    def work(conn: sqlite3.Connection) -> Silence:
        silence = _find(conn, reference)
        if silence.state(now) == "over":
            return silence
        ended = replace(silence, begins_at=min(silence.begins_at, now), ends_at=now)
        conn.execute(
            "UPDATE silence SET begins_at = ?, ends_at = ? WHERE id = ?",
            (ended.begins_at.timestamp(), now.timestamp(), ended.id),
        )
        return ended

    return store.write(work)


def active(conn: sqlite3.Connection, at: datetime) -> tuple[Silence, ...]:
    """The silences that hold at this moment."""
    rows = conn.execute(
        "SELECT * FROM silence WHERE begins_at <= :at AND ends_at > :at ORDER BY id",
        {"at": at.timestamp()},
    )
    return tuple(_silence_of(row) for row in rows)


def listed(conn: sqlite3.Connection) -> tuple[Silence, ...]:
    """All that are kept, the newest first."""
    rows = conn.execute("SELECT * FROM silence ORDER BY made_at DESC, id")
    return tuple(_silence_of(row) for row in rows)


def _refuse(asked: NewSilence, begins_at: datetime, alerts: Alerts, now: datetime) -> None:
    if not asked.matcher and not asked.everything:
        raise InvalidSilence(
            "No alert is named, so every alert would be silenced.",
            remedy="Name what is meant (alert=cpu_usage), or say that all are: --all.",
        )
    severity = asked.matcher.get(SEVERITY)
    if severity is not None and severity not in SEVERITIES:
        raise InvalidSilence(
            f"'{severity}' is no severity.", remedy=f"Write one of {', '.join(SEVERITIES)}."
        )
    if not asked.reason.strip():
        raise InvalidSilence(
            "No reason is given.", remedy="Say why: whoever is on call tomorrow will ask."
        )
    if asked.ends_at <= begins_at or asked.ends_at <= now:
        raise InvalidSilence(
            "The silence would end before it begins.", remedy="Give an end in the future."
        )
    if asked.ends_at - begins_at > alerts.silence_lasts.duration:
        raise InvalidSilence(
            f"A silence lasts {alerts.silence_lasts} at most.",
            remedy="Make it shorter; for times that come again there is alerts.maintenance.",
        )


def _find(conn: sqlite3.Connection, reference: str) -> Silence:
    rows = conn.execute(
        "SELECT * FROM silence WHERE substr(id, 1, length(:start)) = :start AND :start != ''"
        " ORDER BY made_at DESC",
        {"start": reference},
    ).fetchall()
    if not rows:
        raise SilenceNotFound(
            f"There is no silence '{reference}'.", remedy="See them: bigbrother alerts silences."
        )
    if len(rows) > 1:
        ids = ", ".join(row["id"] for row in rows)
        raise AmbiguousSilence(f"'{reference}' begins {ids}.", remedy="Give more of the id.")
    return _silence_of(rows[0])


def _insert(conn: sqlite3.Connection, silence: Silence) -> None:
    conn.execute(
        "INSERT INTO silence (id, matcher, begins_at, ends_at, who, reason, made_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            silence.id,
            json.dumps(silence.matcher, sort_keys=True),
            silence.begins_at.timestamp(),
            silence.ends_at.timestamp(),
            silence.who,
            silence.reason,
            silence.made_at.timestamp(),
        ),
    )


def _silence_of(row: sqlite3.Row) -> Silence:
    return Silence(
        id=row["id"],
        matcher=json.loads(row["matcher"]),
        begins_at=from_epoch(row["begins_at"]),
        ends_at=from_epoch(row["ends_at"]),
        who=row["who"],
        reason=row["reason"],
        made_at=from_epoch(row["made_at"]),
    )
