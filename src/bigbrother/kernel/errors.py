"""The root of every error the product raises on purpose."""

from typing import ClassVar


class BigBrotherError(Exception):
    """Something a person or a program can act upon.

    Each room defines its own subclasses in its `errors.py`. `code` is the stable name that
    programs match (an HTTP problem's `type` ends with it), `detail` says what happened to this
    request, `remedy` says what to do about it, and `retryable` says whether sending the same
    thing again can help.
    """

    code: ClassVar[str] = "internal"
    title: ClassVar[str] = "Internal error"
    retryable: ClassVar[bool] = False

    def __init__(self, detail: str, *, remedy: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.detail} {self.remedy}".strip()


class InvalidInput(BigBrotherError):
    """What was given cannot be used as it is; nothing was changed."""

    code = "invalid-input"
    title = "Invalid input"


class NotFound(BigBrotherError):
    """What was asked for does not exist."""

    code = "not-found"
    title = "Not found"


class Conflict(BigBrotherError):
    """What exists already stands against what was asked."""

    code = "conflict"
    title = "Conflict"


class Unavailable(BigBrotherError):
    """A dependency does not answer now; the same call may succeed later."""

    code = "unavailable"
    title = "Temporarily unavailable"
    retryable = True
