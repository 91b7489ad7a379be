"""What a call to the face analyzer can end in, other than an answer."""

from typing import ClassVar

from bigbrother.kernel.errors import BigBrotherError, Conflict, InvalidInput, NotFound, Unavailable


class ClientError(BigBrotherError):
    """The face analyzer did not do what was asked.

    `code`, `title`, `detail` and `remedy` are the service's own words where it gave any; `status`
    is the HTTP status, or None when there was no answer at all.
    """

    code = "client-error"
    title = "The request failed"

    def __init__(  # every part of a problem document is optional
        self,
        detail: str,
        *,
        remedy: str = "",
        code: str = "",
        title: str = "",
        status: int | None = None,
        request_id: str = "",
        retry_after_seconds: float | None = None,
        reasons: tuple[str, ...] = (),
    ) -> None:
        super().__init__(detail, remedy=remedy)
        # The class names the kind of failure; the service's problem document is more precise.
        vars(self).update({"code": code or self.code, "title": title or self.title})
        self.status = status
        self.request_id = request_id
        self.retry_after_seconds = retry_after_seconds
        self.reasons = reasons
        """Why an example's quality is too low, for the code `quality-too-low`."""


class RequestRefused(ClientError, InvalidInput):
    """What was sent cannot be used as it is; nothing was changed."""

    code = "invalid-input"
    title = "Refused"


class AccessDenied(ClientError):
    """The credential is missing, unknown, expired, or its role does not allow this."""

    code = "access-denied"
    title = "Access denied"


class ResourceMissing(ClientError, NotFound):
    """What was asked for does not exist."""

    code = "not-found"
    title = "Not found"


class ResourceConflict(ClientError, Conflict):
    """What exists already stands against what was asked."""

    code = "conflict"
    title = "Conflict"


class ServiceFailed(ClientError):
    """The service could not finish the request through no fault of the caller."""

    code = "service-failed"
    title = "The face analyzer failed"


class ServiceUnavailable(ClientError, Unavailable):
    """The service is overloaded or a part of it is down; the same call may succeed later."""

    code = "unavailable"
    title = "Temporarily unavailable"
    retryable: ClassVar[bool] = True


class ServiceUnreachable(ServiceUnavailable):
    """Nothing answers at the address, or the line broke before an answer came."""

    code = "unreachable"
    title = "The face analyzer cannot be reached"


class PictureUnreadable(InvalidInput):
    """A picture could not be turned into bytes to send."""

    code = "picture-unreadable"
    title = "The picture cannot be read"


class FileUnwritable(InvalidInput):
    """What the service answered could not be written to the file that was given."""

    code = "file-unwritable"
    title = "The file cannot be written"
