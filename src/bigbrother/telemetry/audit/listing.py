"""Reading what the audit holds; whether it is genuine, `verification` says."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import tuple_row

from bigbrother.telemetry.audit.records import Action, AuditRecord
from bigbrother.telemetry.audit.verification import COLUMNS, record_of


def newest_records(
    conn: psycopg.Connection[Any],
    *,
    subject_id: UUID | None = None,
    action: Action | None = None,
    since: datetime | None = None,
    limit: int,
) -> tuple[AuditRecord, ...]:
    """Up to `limit` records, the newest first: about a subject, of one action, since a time."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        return tuple(
            record_of(row)
            for row in cursor.execute(
                f"SELECT {COLUMNS} FROM audit_record"  # noqa: S608 - a constant
                " WHERE (%(subject)s::uuid IS NULL OR subject_ids @> ARRAY[%(subject)s::uuid])"
                " AND (%(action)s::text IS NULL OR action = %(action)s)"
                " AND (%(since)s::timestamptz IS NULL OR at >= %(since)s)"
                " ORDER BY sequence DESC LIMIT %(limit)s",
                {"subject": subject_id, "action": action, "since": since, "limit": limit},
            )
        )


def about(conn: psycopg.Connection[Any], subject_id: UUID) -> Iterator[AuditRecord]:
    """Every record about a subject, oldest first."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(
            f"SELECT {COLUMNS} FROM audit_record"  # noqa: S608 - a constant
            " WHERE subject_ids @> ARRAY[%s::uuid] ORDER BY sequence",
            (subject_id,),
        )
        yield from map(record_of, cursor)
