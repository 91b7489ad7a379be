"""What batches refuse, and what they cannot find."""

from bigbrother.kernel.errors import NotFound


class BatchNotFound(NotFound):
    """There is no batch with this id, or it is another client's."""

    code = "batch-not-found"
    title = "No such batch"
