"""A channel's password or token: a file below etc/secrets that nobody else may read."""

import os
import stat
from pathlib import Path

from bigbrother.operations.alerts.channels.errors import SecretUnusable

_LONGEST_BYTES = 8192


def read_secret(folder: Path, name: str) -> str:
    """The text of the file, without white space around it; raises SecretUnusable."""
    path = folder / name
    if not name:
        raise SecretUnusable(
            "The channel names no secret.", remedy="Name its file with `secret:` in the document."
        )
    try:
        # A named pipe would keep the reader waiting for ever.
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            found = os.fstat(file.fileno())
            _check(path, found)
            text = file.read(_LONGEST_BYTES + 1).decode("utf-8").strip()
    except FileNotFoundError as error:
        raise SecretUnusable(
            f"The secret '{name}' is missing: there is no file {path}.",
            remedy="Write the channel's password, token or address into it, with mode 0600.",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SecretUnusable(
            f"The secret '{name}' cannot be read from {path}: {reason}.",
            remedy="Make it a text file of the watcher's own account.",
        ) from error
    if not text or len(text) > _LONGEST_BYTES or not text.isprintable():
        raise SecretUnusable(
            f"{path} holds no secret: it is empty, too long or has several lines.",
            remedy="It holds the channel's password, token or address, and nothing else.",
        )
    return text


def _check(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise SecretUnusable(f"{path} is no file.", remedy="Put a text file there.")
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise SecretUnusable(
            f"Others may read {path}: its mode is {stat.S_IMODE(found.st_mode):04o}.",
            remedy=f"chmod 600 {path}; and change the secret, if others use this machine.",
        )
