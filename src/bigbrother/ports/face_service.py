"""The face analyzer as its watcher sees it: from outside, over HTTP."""

from dataclasses import dataclass
from typing import Protocol

from bigbrother.kernel.errors import Unavailable


class FaceServiceUnreachable(Unavailable):
    """It refuses the connection, is silent for too long, or says what nobody understands."""

    code = "face-service-unreachable"
    title = "The face analyzer does not answer"


@dataclass(frozen=True, slots=True)
class Answer:
    """What it answered to one request."""

    status: int
    seconds: float
    body: bytes


class FaceService(Protocol):
    """Raises FaceServiceUnreachable."""

    def get(self, path: str, within_seconds: float, largest_bytes: int) -> Answer:
        """One GET of a path such as /health; the whole answer within the time."""
        ...
