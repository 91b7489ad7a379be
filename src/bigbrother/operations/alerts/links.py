"""Signed links that end: whoever holds one may do one thing with one alert until then.

A token is the base64url of a compact JSON list, a dot, and the base64url of its HMAC-SHA256.
"""

import base64
import binascii
import hmac
import json
import os
import secrets
import stat
from datetime import UTC, datetime
from pathlib import Path

from bigbrother.operations.alerts.errors import InvalidLink, InvalidLinkKey, LinkExpired

_KEY_BYTES = 32
_LONGEST_TOKEN = 1024
_CONTEXT = b"bigbrother alert link 1\n"
_REMEDY = "Use the newest link, or acknowledge it there: bigbrother alerts ack ID."


class LinkKey:
    """The key that signs; never shown."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        if len(key) != _KEY_BYTES:
            raise InvalidLinkKey(
                f"A key of links has {_KEY_BYTES} bytes, not {len(key)}.",
                remedy="Remove its file: a new one is made, and older links end.",
            )
        self._key = key

    def __repr__(self) -> str:
        return "LinkKey(…)"

    @classmethod
    def of(cls, path: Path) -> "LinkKey":
        """The key of a file, which is made on the first time with mode 0600.

        Raises InvalidLinkKey when others may read it, or it is damaged.
        """
        try:
            if not path.exists():
                _make(path)
            with path.open("rb") as file:
                mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
                key = file.read(_KEY_BYTES + 1)
        except OSError as error:
            raise InvalidLinkKey(
                f"The key of links {path} cannot be used: {error.strerror}.",
                remedy="Make it a file that belongs to the account of the watcher.",
            ) from error
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise InvalidLinkKey(
                f"Others may read the key of links {path} (mode {mode:04o}).",
                remedy="Remove it: a new one is made, and older links end.",
            )
        return cls(key)

    def sign(self, text: bytes) -> bytes:
        """32 bytes that only this key makes of this text."""
        return hmac.digest(self._key, _CONTEXT + text, "sha256")


def make(alert_id: str, contact: str, action: str, expires_at: datetime, key: LinkKey) -> str:
    """A token that fits into an address."""
    fields = [alert_id, contact, action, int(expires_at.timestamp())]
    text = json.dumps(fields, separators=(",", ":")).encode()
    return f"{_encode(text)}.{_encode(key.sign(text))}"


def read(token: str, key: LinkKey, now: datetime) -> tuple[str, str, str]:
    """Alert, contact and action of a token; raises InvalidLink or LinkExpired."""
    head, dot, tail = token.partition(".")
    if not dot or len(token) > _LONGEST_TOKEN or not token.isascii():
        raise InvalidLink("This is not a link of a page.", remedy=_REMEDY)
    try:
        text, signature = _decode(head), _decode(tail)
    except (binascii.Error, ValueError) as error:
        raise InvalidLink("The link is damaged.", remedy=_REMEDY) from error
    # One signature has one spelling: base64 would let its last bits be changed.
    genuine = hmac.compare_digest(key.sign(text), signature)
    if not genuine or _encode(signature) != tail or _encode(text) != head:
        raise InvalidLink("The link was altered, or another watcher signed it.", remedy=_REMEDY)
    alert_id, contact, action, expires = json.loads(text)
    if now >= datetime.fromtimestamp(expires, UTC):
        raise LinkExpired(
            f"The link ended at {datetime.fromtimestamp(expires, UTC):%F %H:%M} UTC.",
            remedy=_REMEDY,
        )
    return str(alert_id), str(contact), str(action)


def _make(path: Path) -> None:
    """Whole or not at all: a crash leaves no half a key, and two that begin agree on one."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
