"""What can be wrong with a question about readings."""

from bigbrother.kernel.errors import InvalidInput, NotFound


class ReadingUnknown(NotFound):
    """No reading has this name, or these labels."""

    code = "reading-unknown"
    title = "Unknown reading"


class ReadingSpanInvalid(InvalidInput):
    """The time that is asked for is no span."""

    code = "reading-span-invalid"
    title = "Not a span of time"
