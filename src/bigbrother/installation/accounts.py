"""The unprivileged accounts that own the units' processes when the installer is root.

Two of them, so that the process that reads strangers' pictures cannot touch the database's files
or act as the owner of its schema.
"""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass

from bigbrother.installation.errors import AccountRefused

_DATABASE = "bigbrother"
_FACE = "bigbrother-face"
_COMMAND_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Accounts:
    """Names of accounts; None means the account that runs `bigbrother up`."""

    database: str | None
    face: str | None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in (self.database, self.face) if name is not None)

    @property
    def missing(self) -> tuple[str, ...]:
        """Those that this machine does not have yet."""
        return tuple(name for name in self.names if not _exists(name))


SYSTEM_ACCOUNTS = Accounts(_DATABASE, _FACE)
"""Whom the units run as when root brings them up."""


def accounts() -> Accounts:
    """Whom the units run as: accounts of their own under root, otherwise the user who asks."""
    return SYSTEM_ACCOUNTS if os.geteuid() == 0 else Accounts(None, None)


def can_create() -> bool:
    """Whether this system has the tool that makes system accounts."""
    return shutil.which("useradd") is not None


def create_command(name: str) -> tuple[str, ...]:
    """The command that makes one account: no login, no password, no home."""
    return (
        *("useradd", "--system", "--user-group", "--no-create-home"),
        *("--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", name),
    )


def create(name: str) -> None:
    """Makes one account; raises AccountRefused with the command for a person to run."""
    command = create_command(name)
    try:
        subprocess.run(
            command, check=True, capture_output=True, text=True, timeout=_COMMAND_SECONDS
        )
    except (OSError, subprocess.SubprocessError) as error:
        if _exists(name):
            return
        said = getattr(error, "stderr", None) or str(error)
        raise AccountRefused(
            f"The account '{name}' could not be made: {str(said).strip()}.",
            remedy=f"Run it yourself: {' '.join(command)}. Or run `make up` as a normal user.",
        ) from error


def _exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
