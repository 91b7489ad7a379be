"""What stands in the way of a look, and of a diagnosis."""

from bigbrother.kernel.errors import BigBrotherError, Conflict, Unavailable


class DatabaseAway(Unavailable):
    """The database takes no connection, or lost it."""

    code = "diagnosis-database-away"
    title = "The database cannot be looked at"


class StatementRefused(Unavailable):
    """The database did not carry out the look's own statement."""

    code = "diagnosis-statement-refused"
    title = "The database refused a look"


class HistoryAway(Unavailable):
    """The watcher's file cannot be read."""

    code = "diagnosis-history-away"
    title = "The watcher's file cannot be read"


class BundleExists(Conflict):
    """There is something already where the bundle is to be written."""

    code = "bundle-exists"
    title = "The bundle's file exists"


class BundleUnwritable(BigBrotherError):
    """The bundle cannot be written."""

    code = "bundle-unwritable"
    title = "The bundle cannot be written"
