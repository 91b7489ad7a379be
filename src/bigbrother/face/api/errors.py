"""Why a request is refused by the HTTP interface itself, before or after the engine and gallery."""

from bigbrother.kernel.errors import BigBrotherError, Conflict, InvalidInput, NotFound, Unavailable


class MalformedJson(InvalidInput):
    """The body is not JSON as RFC 8259 defines it, or is nested or split up too much."""

    code = "malformed-json"
    title = "The body is not valid JSON"


class MalformedMultipart(InvalidInput):
    """The body is not multipart/form-data as RFC 7578 defines it."""

    code = "malformed-multipart"
    title = "The body is not a valid multipart form"


class InvalidRequest(InvalidInput):
    """The body or a parameter does not have the documented shape; `errors` names each place."""

    code = "invalid-request"
    title = "The request does not have the documented shape"

    def __init__(self, detail: str, *, remedy: str = "", errors: list[dict[str, str]]) -> None:
        super().__init__(detail, remedy=remedy)
        self.errors = errors


class InvalidBase64(InvalidInput):
    """An image in JSON is not strict base64."""

    code = "invalid-base64"
    title = "The image is not valid base64"


class UnsupportedMediaType(InvalidInput):
    """The Content-Type is not one that this request takes."""

    code = "unsupported-media-type"
    title = "The Content-Type is not supported here"


class UnsupportedEncoding(InvalidInput):
    """The body is compressed; images are compressed already."""

    code = "unsupported-content-encoding"
    title = "The Content-Encoding is not supported"


class RequestTooLarge(InvalidInput):
    """The body is larger than a request may be."""

    code = "request-too-large"
    title = "The request is too large"


class HeadersTooLarge(InvalidInput):
    """The request's headers are larger than they may be."""

    code = "headers-too-large"
    title = "The headers are too large"


class TooManyImages(InvalidInput):
    """More images than one request may carry."""

    code = "too-many-images"
    title = "Too many images in one request"


class MetadataTooLarge(InvalidInput):
    """A subject's metadata is larger than allowed."""

    code = "metadata-too-large"
    title = "The metadata is too large"


class RequestTimeout(BigBrotherError):
    """The body did not arrive in time."""

    code = "request-timeout"
    title = "The request did not arrive in time"
    retryable = True


class ClientGone(BigBrotherError):
    """The client closed the connection; nobody reads this answer."""

    code = "client-closed-request"
    title = "The client closed the connection"


class NoRoute(NotFound):
    """Nothing answers at this path."""

    code = "not-found"
    title = "Nothing is here"


class MethodNotAllowed(BigBrotherError):
    """The path exists and does not take this method."""

    code = "method-not-allowed"
    title = "The method is not allowed here"


class BadRequest(InvalidInput):
    """The request cannot be understood."""

    code = "bad-request"
    title = "The request cannot be understood"


class InvalidIdempotencyKey(InvalidInput):
    """The header Idempotency-Key does not hold a key."""

    code = "idempotency-key-invalid"
    title = "The Idempotency-Key is not valid"


class IdempotencyKeyReused(InvalidInput):
    """The key was used already, for another request."""

    code = "idempotency-key-reused"
    title = "The Idempotency-Key was used for another request"


class IdempotencyKeyInUse(Conflict):
    """The first request with this key has not been answered yet."""

    code = "idempotency-key-in-use"
    title = "A request with this Idempotency-Key is being answered"
    retryable = True


class PurposeNotValid(InvalidInput):
    """The header X-Purpose does not hold a purpose."""

    code = "purpose-not-valid"
    title = "The purpose is not valid"


class PurposeMissing(InvalidInput):
    """The runbook's `audit.purpose_required` asks for a purpose, and none was given."""

    code = "purpose-missing"
    title = "The purpose is missing"


class TooBusy(Unavailable):
    """As many requests wait as may wait, or the images in flight fill the memory set aside."""

    code = "too-busy"
    title = "Too many requests are waiting"


class DatabaseUnavailable(Unavailable):
    """The database did not answer in time; what was asked was not acknowledged."""

    code = "database-unavailable"
    title = "The database does not answer"


class ModelNotReady(Unavailable):
    """The gallery does not know the model pack that this unit has loaded."""

    code = "model-not-ready"
    title = "The model is not registered yet"


class ErasuresPending(Unavailable):
    """The ledger of erasures has not been carried out in this copy of the database yet."""

    code = "erasures-pending"
    title = "Erasures are being carried out"


class ExportNotWritten(Unavailable):
    """There is no room to put an export together."""

    code = "export-not-written"
    title = "The export cannot be written"
