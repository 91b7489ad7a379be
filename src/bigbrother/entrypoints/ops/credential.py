"""The token of whoever sends alerts in."""

import hmac
import os
import secrets
from pathlib import Path


class Credential:
    """A bearer token that lies in a file with mode 0600."""

    def __init__(self, token: str) -> None:
        self._header = f"Bearer {token}".encode()

    @classmethod
    def of(cls, file: Path) -> "Credential":
        """The token in the file, made where there is none."""
        if not file.exists():
            draft = file.with_name(f".{file.name}.new")
            draft.unlink(missing_ok=True)
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as stream:
                stream.write(f"{secrets.token_urlsafe(32)}\n")
            draft.replace(file)
        return cls(file.read_text("ascii").strip())

    def fits(self, header: str) -> bool:
        """Whether an Authorization header carries the token."""
        return hmac.compare_digest(header.encode("utf-8", "replace"), self._header)
