"""Bearer tokens: made, checked, listed, revoked; only a hash of the secret is stored."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from bigbrother.kernel.ids import new_id
from bigbrother.security.roles import Role
from bigbrother.security.token_errors import (
    InvalidToken,
    LastAdminToken,
    TokenNotFound,
    Unauthenticated,
)

_SECRET_BYTES = 32
_TOKEN = re.compile(r"bb_([0-9a-f]{32})_([0-9a-f]{64})")
_COLUMNS = "id, name, role, created_at, expires_at, revoked_at, last_used_at"


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token; never its secret."""

    id: UUID
    name: str
    role: Role
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    """Coarse: no finer than the runbook's `tokens.last_used_resolution`."""

    def valid(self, now: datetime) -> bool:
        """Whether it lets its bearer in at this time."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def create(
    conn: psycopg.Connection[Any],
    name: str,
    role: Role,
    expires_at: datetime | None,
    now: datetime,
) -> tuple[Token, str]:
    """Makes a token and returns it with its text `bb_<id>_<secret>`, which is shown only now.

    The secret holds 256 random bits, so a plain SHA-256 of it cannot be searched backwards; a
    slow hash protects secrets that people choose, and would cost every request here. Source:
    NIST SP 800-63B (2017), section 5.1.2.2: look-up secrets of 112 bits or more need an approved
    one-way function, and only weaker ones a salted password hash.

    Raises InvalidToken for an expiry that lies in the past.
    """
    if expires_at is not None and expires_at <= now:
        raise InvalidToken("The token would have expired already.", remedy="Choose a later time.")
    token = Token(new_id(now), name, role, now, expires_at, None, None)
    secret = secrets.token_hex(_SECRET_BYTES)
    conn.execute(
        "INSERT INTO api_token (id, name, role, secret_sha256, created_at, expires_at)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        (token.id, name, role, _hash(secret), now, expires_at),
    )
    return token, f"bb_{token.id.hex}_{secret}"


def verify(
    conn: psycopg.Connection[Any], text: str, *, last_used_resolution: timedelta, now: datetime
) -> Token:
    """The valid token that this text is; notes that it was used.

    Raises Unauthenticated, with the same words whatever the reason, so that nobody learns
    whether an id exists.
    """
    token_id, secret = _parse(text)
    with conn.cursor() as cursor:
        row = cursor.execute(
            f"SELECT secret_sha256, {_COLUMNS} FROM api_token WHERE id = %s",  # noqa: S608
            (token_id,),
        ).fetchone()
    if row is None or not hmac.compare_digest(bytes(row[0]), _hash(secret)):
        raise refused()
    token = Token(*row[1:])
    if not token.valid(now):
        raise refused()
    if token.last_used_at is None or now - token.last_used_at >= last_used_resolution:
        conn.execute("UPDATE api_token SET last_used_at = %s WHERE id = %s", (now, token_id))
    return token


def page(conn: psycopg.Connection[Any], *, after: UUID | None, limit: int) -> tuple[Token, ...]:
    """Up to `limit` tokens in the order of their making, beginning after the given id."""
    with conn.cursor(row_factory=class_row(Token)) as cursor:
        return tuple(
            cursor.execute(
                f"SELECT {_COLUMNS} FROM api_token"  # noqa: S608 - a constant
                " WHERE id > %s ORDER BY id LIMIT %s",
                (after or UUID(int=0), limit),
            )
        )


def revoke(conn: psycopg.Connection[Any], token_id: UUID, now: datetime) -> None:
    """Ends a token's life; a token that has ended already stays as it is.

    Raises TokenNotFound, and LastAdminToken where nobody could manage tokens afterwards.
    """
    # Locking every valid admin token lets two admins who revoke each other pass one by one.
    admins = conn.execute(
        "SELECT id FROM api_token WHERE role = 'admin' AND revoked_at IS NULL"
        " AND (expires_at IS NULL OR expires_at > %s) ORDER BY id FOR UPDATE",
        (now,),
    ).fetchall()
    if [row[0] for row in admins] == [token_id]:
        raise LastAdminToken(
            "This is the last valid admin token.",
            remedy="Create another admin token first, then revoke this one.",
        )
    changed = conn.execute(
        "UPDATE api_token SET revoked_at = coalesce(revoked_at, %s) WHERE id = %s",
        (now, token_id),
    )
    if changed.rowcount == 0:
        raise TokenNotFound("No token has this id.", remedy="List the tokens to see their ids.")


def well_formed(text: str) -> bool:
    """Whether a text has the shape of a token; says nothing about its validity."""
    return _TOKEN.fullmatch(text) is not None


def refused() -> Unauthenticated:
    """The one refusal for a token that is malformed, unknown, expired or revoked."""
    return Unauthenticated(
        "The token is missing or not valid.",
        remedy="Send 'Authorization: Bearer bb_...' with a token that has neither expired nor "
        "been revoked.",
    )


def _parse(text: str) -> tuple[UUID, str]:
    found = _TOKEN.fullmatch(text)
    if found is None:
        raise refused()
    return UUID(hex=found[1]), found[2]


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("ascii")).digest()
