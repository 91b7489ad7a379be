"""What can stand between a person and a running installation."""

from typing import ClassVar

from bigbrother.kernel.errors import BigBrotherError, Conflict, InvalidInput


class PreflightFailed(InvalidInput):
    """The machine does not offer what is needed; nothing was changed."""

    code: ClassVar[str] = "preflight-failed"
    title: ClassVar[str] = "The machine is not ready"


class HomeRefused(InvalidInput):
    """The home cannot be used as it is; nothing in it was changed."""

    code: ClassVar[str] = "home-refused"
    title: ClassVar[str] = "The home cannot be used"


class RuntimeRefused(InvalidInput):
    """The runtime folder cannot be used as it is."""

    code: ClassVar[str] = "runtime-refused"
    title: ClassVar[str] = "The runtime folder cannot be used"


class AccountRefused(InvalidInput):
    """The unprivileged accounts cannot be made."""

    code: ClassVar[str] = "account-refused"
    title: ClassVar[str] = "An account is missing"


class Busy(Conflict):
    """Another command is changing this installation at this moment."""

    code: ClassVar[str] = "installation-busy"
    title: ClassVar[str] = "Another command is at work"


class AlreadyElsewhere(Conflict):
    """The installation runs, but not at the address that was asked for."""

    code: ClassVar[str] = "already-elsewhere"
    title: ClassVar[str] = "Running at another address"


class BringUpFailed(BigBrotherError):
    """A step did not succeed; what was there before is untouched."""

    code: ClassVar[str] = "bring-up-failed"
    title: ClassVar[str] = "The installation did not come up"
