"""Adds records to the chain. The caller's transaction decides whether they stay.

A record's digest covers the record before it, so taking the newest one and adding the next is a
matter of one transaction at a time: whoever appends holds the chain until its transaction ends.
"""

import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg

from bigbrother.telemetry.audit.records import AuditEntry, AuditRecord

BEGINNING = bytes(32)
"""What stands before the first record."""
_LOCK = 0x62_62_61_75_64_69_74
"""Any number, as long as nothing else in this database locks the same one."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ABSENT = 2**32 - 1


def append(
    conn: psycopg.Connection[Any], entries: Sequence[AuditEntry], *, key: bytes, now: datetime
) -> None:
    """Adds the entries in their order. Call it last: it takes the chain until the transaction ends.

    `key` is the master key's `derive(b"audit")`. The transaction must be READ COMMITTED, so that
    it sees what another one appended while it waited.
    """
    if not entries:
        return
    conn.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
    sequence, mac = newest(conn) or (0, BEGINNING)
    rows = []
    for number, entry in enumerate(entries, sequence + 1):
        mac = mac_of(key, mac, number, now, entry)
        rows.append(
            (
                number,
                now,
                entry.action,
                entry.token_id,
                entry.token_name,
                entry.collection_id,
                list(entry.subject_ids),
                entry.purpose,
                entry.result,
                entry.request_id,
                mac,
            )
        )
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO audit_record (sequence, at, action, token_id, token_name, collection_id,"
            " subject_ids, purpose, result, request_id, mac)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s::uuid[], %s, %s, %s, %s)",
            rows,
        )


def newest(conn: psycopg.Connection[Any]) -> tuple[int, bytes] | None:
    """Sequence and digest of the newest record, or None where there is none yet."""
    found = conn.execute(
        "SELECT sequence, mac FROM audit_record ORDER BY sequence DESC LIMIT 1"
    ).fetchone()
    return None if found is None else (found[0], bytes(found[1]))


def fits(key: bytes, previous: bytes, record: AuditRecord, *, sequence: int) -> bool:
    """Whether the record is genuine at this place behind this digest."""
    expected = mac_of(key, previous, sequence, record.at, record.entry)
    return hmac.compare_digest(expected, record.mac)


def mac_of(key: bytes, previous: bytes, sequence: int, at: datetime, entry: AuditEntry) -> bytes:
    """HMAC-SHA256 of the digest before, and of the record with a length before every field."""
    microseconds = (at - _EPOCH) // (datetime.resolution)
    fields: list[bytes | None] = [
        sequence.to_bytes(8, "big"),
        microseconds.to_bytes(8, "big", signed=True),
        entry.action.encode(),
        _id(entry.token_id),
        entry.token_name.encode(),
        _id(entry.collection_id),
        b"".join(subject.bytes for subject in entry.subject_ids),
        entry.purpose.encode(),
        entry.result.encode(),
        entry.request_id.encode(),
    ]
    content = b"".join(
        _ABSENT.to_bytes(4, "big") if field is None else len(field).to_bytes(4, "big") + field
        for field in fields
    )
    return hmac.digest(key, previous + content, "sha256")


def _id(identifier: UUID | None) -> bytes | None:
    return None if identifier is None else identifier.bytes
