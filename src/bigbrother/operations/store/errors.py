"""What can be wrong with ops.db."""

from bigbrother.kernel.errors import BigBrotherError, Conflict


class StoreUnusable(BigBrotherError):
    """The file is damaged, or a newer version of the product wrote it."""

    code = "store-unusable"
    title = "The watcher's file cannot be used"


class StoreBelongsToAnother(Conflict):
    """Another watcher has the file."""

    code = "store-belongs-to-another"
    title = "Another watcher runs"
