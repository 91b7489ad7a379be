"""Why a database cannot be migrated."""

from bigbrother.kernel.errors import BigBrotherError, Unavailable


class DatabaseUnreachable(Unavailable):
    """No connection to the database."""

    code = "database-unreachable"
    title = "The database does not answer"


class DatabaseNotPrepared(BigBrotherError):
    """The database lacks what only a superuser can give it."""

    code = "database-not-prepared"
    title = "The database is not prepared"
