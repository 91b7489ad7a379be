"""The administrator's credential: a file in the home, hashed on the server."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from bigbrother.installation.errors import BringUpFailed
from bigbrother.kernel.clock import Clock
from bigbrother.security import tokens
from bigbrother.security.token_errors import Unauthenticated

_NAME = "administrator of this home"
_PAGE = 100


def ensure_admin_credential(
    dsn: str, file: Path, *, last_used_resolution: timedelta, clock: Clock
) -> bool:
    """Makes the credential if it is missing or no longer accepted; returns whether it did.

    The file is written before the token counts, so that a kill between the two leaves a file
    that is not accepted, which the next start replaces, and never a valid token nobody knows.
    Earlier tokens of this name are revoked: their file is gone, perhaps to somebody else.
    """
    with psycopg.connect(dsn) as conn:
        if _accepted(conn, file, last_used_resolution, clock):
            return False
        conn.rollback()
        now = clock.now()
        earlier = [token.id for token in _all(conn) if token.name == _NAME and token.valid(now)]
        _, text = tokens.create(conn, _NAME, "admin", None, now)
        for token_id in earlier:
            tokens.revoke(conn, token_id, now)
        _write(file, text)
    return True


def _accepted(
    conn: psycopg.Connection[Any], file: Path, resolution: timedelta, clock: Clock
) -> bool:
    try:
        text = file.read_text("ascii", "replace").strip()
        token = tokens.verify(conn, text, last_used_resolution=resolution, now=clock.now())
    except (FileNotFoundError, Unauthenticated):
        return False
    return token.role == "admin"


def _all(conn: psycopg.Connection[Any]) -> Iterator[tokens.Token]:
    after: UUID | None = None
    while page := tokens.page(conn, after=after, limit=_PAGE):
        yield from page
        after = page[-1].id


def _write(file: Path, text: str) -> None:
    draft = file.with_name(f".{file.name}.new")
    draft.unlink(missing_ok=True)
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(f"{text}\n")
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(file)
    except OSError as error:
        raise BringUpFailed(
            f"The administrator's credential {file} cannot be written: {error.strerror}.",
            remedy="Make room or grant write permission there, then run `bigbrother up` again.",
        ) from error
