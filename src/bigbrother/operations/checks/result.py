"""What a check found."""

from dataclasses import dataclass

from bigbrother.kernel.status import Status


@dataclass(frozen=True, slots=True)
class Result:
    """One look at one thing."""

    check: str
    """The check's name, as in section 2.1; it is the alert's name too."""
    status: Status
    value: float | None = None
    """In `unit`; None when it is not known or is no figure."""
    unit: str = ""
    """`ratio`, `seconds`, `bytes`, `count` or empty."""
    threshold: str = ""
    """What passes, in the document's words: `< 80%`."""
    target: str = ""
    """Which of several: a mount, a unit, a GPU."""
    evidence: tuple[str, ...] = ()
    """What was seen, a sentence each."""
    remedy: str = ""
    """What to do; empty when there is nothing to do."""
