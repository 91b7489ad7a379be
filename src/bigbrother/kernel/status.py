"""How a look at something ended. "Not run" is never "passed"."""

from enum import StrEnum


class Status(StrEnum):
    """From good to bad, and the two that are neither."""

    PASSED = "passed"
    WARNING = "warning"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """It should have been measured, and could not be."""
    SKIPPED = "skipped"
    """There is nothing to measure on this machine."""
