"""What a log says: its entries, and its errors by cause."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum


class Weight(IntEnum):
    """How much an entry says about why a unit is not well; more is worse."""

    PASSING = 0
    """It comes with every start or stop, and goes by itself."""
    WARNING = 1
    ERROR = 2
    ENDED = 3
    """The process ended of it, or could not start."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a log says, over one line or several."""

    text: str
    """As it stands there; may hold secrets."""
    weight: Weight
    at: datetime | None = None
    """UTC; None where the line does not say."""
    exception: str = ""
    """The exception's class, without its module."""
    remedy: str = ""
    """The way out that the entry itself names."""


@dataclass(frozen=True, slots=True)
class ErrorGroup:
    """The entries that have one cause."""

    cause: str
    """The name of a known cause, such as `port_taken`; empty where the cause is not known."""
    title: str
    """The cause in a few words, or the shape of the message; without secrets."""
    count: int
    weight: Weight
    sample: str
    """What the newest entry says, in one line without secrets."""
    remedy: str
    """What to do; empty when nobody knows, or when nothing is to be done."""
    newest_at: datetime | None

    def as_json(self) -> dict[str, str | int | None]:
        """For journals and programs."""
        return {
            "cause": self.cause,
            "title": str(self.title),
            "count": self.count,
            "weight": self.weight.name.lower(),
            "sample": self.sample,
            "remedy": str(self.remedy),
            "newest_at": None if self.newest_at is None else self.newest_at.isoformat(),
        }
