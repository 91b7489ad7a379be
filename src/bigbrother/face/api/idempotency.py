"""A creation with an Idempotency-Key happens once, however often it is asked for.

The key, the creation and the answer are one transaction: a crash leaves all of it or nothing.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

import psycopg
from fastapi import Header, Request, Response
from pydantic import BaseModel

from bigbrother.face.api.database import Connection
from bigbrother.face.api.errors import (
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    InvalidIdempotencyKey,
)
from bigbrother.face.api.services import FaceServices
from bigbrother.security.tokens import Token

_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_PURGED_AT_ONCE = 100

IdempotencyKey = Annotated[
    str | None,
    Header(
        description="Up to 255 visible ASCII characters of the client's choice. Repeating the "
        "request with the same key gives the first answer again instead of a second creation.",
    ),
]


@dataclass(frozen=True, slots=True)
class Created:
    """What a creation answers, and the row it is about: the answer is forgotten with it."""

    body: BaseModel
    location: str
    collection_id: UUID | None = None
    subject_id: UUID | None = None
    face_id: UUID | None = None
    batch_id: UUID | None = None
    status: int = 201


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request with its key, as the database knows it."""

    token_id: UUID
    key: str
    sha256: bytes
    """Of the method, the path and the content, however that was encoded."""
    expires_at: datetime
    now: datetime


def keyed(
    request: Request, key: str | None, content: bytes, caller: Token, services: FaceServices
) -> KeyedRequest | None:
    """The request with its key; None without one. Raises InvalidIdempotencyKey."""
    if key is None:
        return None
    if _KEY.fullmatch(key) is None or len(request.headers.getlist("idempotency-key")) != 1:
        raise InvalidIdempotencyKey(
            "The header does not hold one key of 1 to 255 visible ASCII characters.",
            remedy="Send a UUID, for example.",
        )
    digest = hashlib.sha256(f"{request.method} {request.scope['path']}\n".encode() + content)
    now = services.clock.now()
    kept = services.runbook.retention.idempotency_keys.duration
    return KeyedRequest(caller.id, key, digest.digest(), now + kept, now)


def answered(conn: Connection, keyed_request: KeyedRequest | None) -> Response | None:
    """The first answer to this key, if there is one. Raises IdempotencyKeyReused."""
    if keyed_request is None:
        return None
    found = conn.execute(
        "SELECT request_sha256, status, body, location FROM idempotency"
        " WHERE token_id = %s AND key = %s AND expires_at > %s",
        (keyed_request.token_id, keyed_request.key, keyed_request.now),
    ).fetchone()
    if found is None:
        return None
    request_sha256, status, body, location = found
    if bytes(request_sha256) != keyed_request.sha256:
        raise IdempotencyKeyReused(
            "The key was used with another method, path or body.",
            remedy="Use a new key for a new request.",
        )
    return _answer(bytes(body), status, {"Location": location, "Idempotency-Replayed": "true"})


def create_once(
    conn: Connection, keyed_request: KeyedRequest | None, create: Callable[[Connection], Created]
) -> Response:
    """Creates and answers 201 or 202, or repeats the first answer to the same key.

    A second request with the same key waits for the first. Raises IdempotencyKeyReused,
    IdempotencyKeyInUse when the wait is too long, and what `create` raises; then the key stays
    free.
    """
    if keyed_request is None:
        made = create(conn)
        return _answer(_json(made.body), made.status, {"Location": made.location})
    if not _claim(conn, keyed_request):
        repeated = answered(conn, keyed_request)
        if repeated is None:
            raise _in_use()
        return repeated
    made = create(conn)
    body = _json(made.body)
    conn.execute(
        "UPDATE idempotency SET status = %s, body = %s, location = %s, collection_id = %s,"
        " subject_id = %s, face_id = %s, batch_id = %s WHERE token_id = %s AND key = %s",
        (
            made.status,
            body,
            made.location,
            made.collection_id,
            made.subject_id,
            made.face_id,
            made.batch_id,
            keyed_request.token_id,
            keyed_request.key,
        ),
    )
    purge(conn, keyed_request.now)
    return _answer(body, made.status, {"Location": made.location})


def purge(conn: Connection, now: datetime) -> None:
    """Forgets some keys that have expired; keys in use by another transaction are left."""
    conn.execute(
        "DELETE FROM idempotency WHERE (token_id, key) IN (SELECT token_id, key FROM idempotency"
        " WHERE expires_at <= %s ORDER BY expires_at LIMIT %s FOR UPDATE SKIP LOCKED)",
        (now, _PURGED_AT_ONCE),
    )


def _claim(conn: Connection, wanted: KeyedRequest) -> bool:
    try:
        claimed = conn.execute(
            "INSERT INTO idempotency (token_id, key, request_sha256, created_at, expires_at)"
            " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (token_id, key) DO UPDATE"
            " SET request_sha256 = excluded.request_sha256, created_at = excluded.created_at,"
            " expires_at = excluded.expires_at"
            " WHERE idempotency.expires_at <= excluded.created_at",
            (wanted.token_id, wanted.key, wanted.sha256, wanted.now, wanted.expires_at),
        )
    except psycopg.errors.LockNotAvailable as error:
        raise _in_use() from error
    return claimed.rowcount == 1


def _in_use() -> IdempotencyKeyInUse:
    return IdempotencyKeyInUse(
        "The first request with this key is still being answered.",
        remedy="Ask again in a moment, with the same key.",
    )


def _json(body: BaseModel) -> bytes:
    return body.model_dump_json().encode()


def _answer(body: bytes, status: int, headers: dict[str, str]) -> Response:
    return Response(body, status_code=status, media_type="application/json", headers=headers)
