"""The table `message`: what waits, who takes it, how it ended. Each function is one step of work
within a transaction of `Store.write` or `Store.read`."""

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from bigbrother.operations.alerts.outbox.messages import Content, Message, NewMessage


def add(conn: sqlite3.Connection, messages: Iterable[NewMessage], now: datetime) -> int:
    """Queues messages whose keys are new; how many those were."""
    added = 0
    for message in messages:
        row = conn.execute(
            "INSERT INTO message (key, kind, channel, address, contact, level, page_key,"
            " content, urgency, state, due_at, made_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', ?, ?)"
            # Nothing but a key that is there already may keep a message out.
            " ON CONFLICT (key) DO NOTHING RETURNING id",
            (
                message.key,
                message.kind,
                message.channel,
                message.address,
                message.contact,
                message.level,
                message.page_key,
                message.content.to_json(),
                message.urgency,
                message.due_at.timestamp(),
                now.timestamp(),
            ),
        ).fetchone()
        if row is None:
            continue
        added += 1
        conn.executemany(
            "INSERT OR IGNORE INTO message_alert (alert_id, message_id) VALUES (?, ?)",
            [(alert_id, row["id"]) for alert_id in message.alert_ids],
        )
    return added


def recover(conn: sqlite3.Connection) -> int:
    """After a crash: what was being sent waits again, under its old key; how many those are."""
    return conn.execute("UPDATE message SET state = 'waiting' WHERE state = 'sending'").rowcount


def due(conn: sqlite3.Connection, now: datetime) -> Mapping[str, int]:
    """Channels with messages whose moment has come, and how many."""
    rows = conn.execute(
        "SELECT channel, count(*) AS due FROM message"
        " WHERE state = 'waiting' AND due_at <= ? GROUP BY channel",
        (now.timestamp(),),
    )
    return {row["channel"]: row["due"] for row in rows}


def next_due(conn: sqlite3.Connection, now: datetime) -> datetime | None:
    """When the next message is due that is not due yet."""
    (at,) = conn.execute(
        "SELECT min(due_at) FROM message WHERE state = 'waiting' AND due_at > ?",
        (now.timestamp(),),
    ).fetchone()
    return _time(at)


def bring_forward(conn: sqlite3.Connection, seconds: float) -> None:
    """Makes what waits due so much earlier."""
    conn.execute("UPDATE message SET due_at = due_at - ? WHERE state = 'waiting'", (seconds,))


def claim(conn: sqlite3.Connection, channel: str, now: datetime) -> Message | None:
    """Takes the channel's most urgent message that is due: nobody else gets it."""
    row = conn.execute(
        "UPDATE message SET state = 'sending', attempts = attempts + 1 WHERE id ="
        " (SELECT id FROM message WHERE channel = ? AND state = 'waiting' AND due_at <= ?"
        "  ORDER BY urgency, due_at, id LIMIT 1) RETURNING *",
        (channel, now.timestamp()),
    ).fetchone()
    return None if row is None else _message(conn, row)


def put_back(conn: sqlite3.Connection, message_id: int, due_at: datetime, answer: str) -> None:
    """It was not taken, and is to be tried again."""
    conn.execute(
        "UPDATE message SET state = 'waiting', due_at = ?, answer = ? WHERE id = ?",
        (due_at.timestamp(), answer, message_id),
    )


def end(conn: sqlite3.Connection, message_id: int, *, ok: bool, now: datetime, answer: str) -> None:
    """It arrived, or it is given up."""
    conn.execute(
        "UPDATE message SET state = ?, ended_at = ?, answer = ? WHERE id = ?",
        ("sent" if ok else "failed", now.timestamp(), answer, message_id),
    )


def failed_pages(conn: sqlite3.Connection) -> Mapping[str, datetime]:
    """Keys of pages all of whose messages were given up, with the moment of the last one."""
    rows = conn.execute(
        "SELECT page_key, max(ended_at) AS at FROM message AS given_up"
        " WHERE state = 'failed' AND page_key != '' AND NOT EXISTS"
        "  (SELECT 1 FROM message WHERE page_key = given_up.page_key AND page_key != ''"
        "   AND state != 'failed')"
        " GROUP BY page_key"
    )
    return {row["page_key"]: datetime.fromtimestamp(row["at"], UTC) for row in rows}


def of_alert(conn: sqlite3.Connection, alert_id: str) -> list[Message]:
    """The messages about an alert, in the order of their making."""
    rows = conn.execute(
        "SELECT message.* FROM message JOIN message_alert ON message_id = id"
        " WHERE alert_id = ? ORDER BY id",
        (alert_id,),
    ).fetchall()
    return [_message(conn, row) for row in rows]


def purge(conn: sqlite3.Connection, before: datetime) -> int:
    """Forgets messages that ended before; how many those were."""
    return conn.execute("DELETE FROM message WHERE ended_at < ?", (before.timestamp(),)).rowcount


def _message(conn: sqlite3.Connection, row: sqlite3.Row) -> Message:
    about = conn.execute(
        "SELECT alert_id FROM message_alert WHERE message_id = ? ORDER BY alert_id", (row["id"],)
    )
    return Message(
        key=row["key"],
        kind=row["kind"],
        channel=row["channel"],
        address=row["address"],
        contact=row["contact"],
        level=row["level"],
        page_key=row["page_key"],
        alert_ids=tuple(each["alert_id"] for each in about),
        content=Content.from_json(row["content"]),
        due_at=datetime.fromtimestamp(row["due_at"], UTC),
        id=row["id"],
        state=row["state"],
        attempts=row["attempts"],
        made_at=datetime.fromtimestamp(row["made_at"], UTC),
        ended_at=_time(row["ended_at"]),
        answer=row["answer"],
    )


def _time(at: float | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at, UTC)
