"""Why a caller is not let in, or a token is not changed."""

from bigbrother.kernel.errors import BigBrotherError, Conflict, InvalidInput, NotFound


class Unauthenticated(BigBrotherError):
    """No token, or one that is malformed, unknown, expired or revoked."""

    code = "unauthenticated"
    title = "A valid token is required"


class Forbidden(BigBrotherError):
    """The token is valid, and its role does not hold the permission."""

    code = "forbidden"
    title = "The token's role does not allow this"


class TokenNotFound(NotFound):
    """No token has this id."""

    code = "token-not-found"
    title = "There is no such token"


class LastAdminToken(Conflict):
    """Without this token nobody could create or revoke tokens any more."""

    code = "last-admin-token"
    title = "The last valid admin token cannot be revoked"


class InvalidToken(InvalidInput):
    """A token cannot be created as asked."""

    code = "invalid-token-request"
    title = "A token cannot be created like this"
