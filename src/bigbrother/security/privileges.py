"""Giving up root for good: the last thing a unit does before it serves."""

import ctypes
import os
import pwd
import sys
from typing import ClassVar

from bigbrother.kernel.errors import BigBrotherError
from bigbrother.security.late_imports import hold_code_folders

_PR_SET_NO_NEW_PRIVS = 38  # source: linux/prctl.h


class PrivilegesNotDropped(BigBrotherError):
    """The process is still more powerful than it should be and must not serve."""

    code: ClassVar[str] = "privileges-not-dropped"
    title: ClassVar[str] = "Privileges could not be dropped"


def drop_to(user: str) -> None:
    """Becomes `user` with that user's groups, irrevocably; verified before it returns.

    A process that is that user already is left alone. What only root may read (keys, models) must
    be loaded before; code of a private folder can still be imported afterwards.
    Raises PrivilegesNotDropped.
    """
    try:
        account = pwd.getpwnam(user)
    except KeyError:
        raise PrivilegesNotDropped(
            f"There is no user '{user}'.", remedy=f"Create it: useradd --system {user}"
        ) from None
    if account.pw_uid == 0:
        raise PrivilegesNotDropped(
            f"User '{user}' is the superuser.", remedy="Name an unprivileged user."
        )
    if os.getuid() == os.geteuid() == account.pw_uid:
        return
    if os.geteuid() != 0:
        raise PrivilegesNotDropped(
            f"Only root can become '{user}'.", remedy=f"Run as root or as '{user}'."
        )
    hold_code_folders()
    try:
        os.setgroups(os.getgrouplist(user, account.pw_gid))
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
    except OSError as error:
        raise PrivilegesNotDropped(
            f"The system refused to become '{user}': {error.strerror}.",
            remedy="Give the process CAP_SETUID and CAP_SETGID, or start it as that user.",
        ) from error
    forbid_new_privileges()
    _verify(account)
    os.environ.update(HOME=account.pw_dir, USER=user, LOGNAME=user)


def forbid_new_privileges() -> None:
    """From here on no program that this process runs gains power by setuid. Linux only."""
    if sys.platform != "linux":
        return
    # The C library's handle of the process itself needs no file, so it works after the drop too.
    ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _verify(account: pwd.struct_passwd) -> None:
    same = {os.getuid(), os.geteuid()} == {account.pw_uid} and {os.getgid(), os.getegid()} == {
        account.pw_gid
    }
    if not same or _can_return():
        raise PrivilegesNotDropped(
            f"The process is not confined to user '{account.pw_name}'.",
            remedy="Report this system: setuid did not hold.",
        )


def _can_return() -> bool:
    try:
        os.setuid(0)
    except OSError:
        return False
    return True
