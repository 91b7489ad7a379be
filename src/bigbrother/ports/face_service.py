"""The face analyzer as its watcher sees it: from outside, over HTTP."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bigbrother.kernel.errors import InvalidInput, Unavailable


class FaceServiceUnreachable(Unavailable):
    """It refuses the connection, is silent for too long, or says what nobody understands."""

    code = "face-service-unreachable"
    title = "The face analyzer does not answer"


class PictureRefused(InvalidInput):
    """The face analyzer finds no single face in it, or cannot read it."""

    code = "picture-refused"
    title = "The picture is refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """What it answered to one request."""

    status: int
    seconds: float
    body: bytes
    date: datetime | None = None
    """Its clock's word, to the second; UTC. None where it says nothing of it."""


class FaceService(Protocol):
    """Raises FaceServiceUnreachable."""

    def get(self, path: str, within_seconds: float, largest_bytes: int) -> Answer:
        """One GET of a path such as /health; the whole answer within the time."""
        ...

    def embed(self, picture: bytes, within_seconds: float) -> tuple[float, ...]:
        """The embedding, of unit length, of the most prominent face of an image file.

        Raises PictureRefused for a picture without a face, FaceServiceUnreachable when there is
        no answer or the credential is not taken.
        """
        ...

    def post(self, path: str, within_seconds: float, largest_bytes: int) -> Answer:
        """One POST of a path below /v1/admin, with the watcher's credential and no body."""
        ...
