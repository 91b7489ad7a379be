"""What the looks of a diagnosis look at: all that checks see, the machine and the network."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from bigbrother.operations.checks.observed import Observed
from bigbrother.operations.checks.scrapes import Scraped
from bigbrother.ports.face_service import FaceService
from bigbrother.ports.machine import Machine
from bigbrother.ports.network import Network

_LARGEST_ANSWER_BYTES = 65536


class OneScrape:
    """The counters of the face analyzer, read when somebody needs them first, and once."""

    def __init__(self, scrape: Callable[[], Scraped]) -> None:
        self._scrape = scrape
        self._lock = threading.Lock()
        self._scraped: Scraped | None = None

    def __call__(self) -> Scraped:
        """Those of the one look; whoever comes meanwhile waits for it."""
        with self._lock:
            if self._scraped is None:
                self._scraped = self._scrape()
            return self._scraped


@dataclass(frozen=True, slots=True)
class Scene(Observed):
    """One installation under diagnosis; nothing of it needs to run."""

    machine: Machine
    network: Network
    watcher: FaceService
    """The watcher over HTTP: it answers /readyz as the face analyzer does."""
    scrape: OneScrape
    """`scraped` is empty until somebody asks here: a face analyzer that hangs costs its looks alone
    their time."""

    def answering_face(self) -> FaceService:
        """The face analyzer, which has just answered a short question.

        One that hangs is known by then, and takes no longer of the budget. Raises
        FaceServiceUnreachable.
        """
        self.face.get("/livez", self.runbook.watching.alive.within.value, _LARGEST_ANSWER_BYTES)
        return self.face

    def with_counters(self) -> "Scene":
        """The same with the counters, which are read for it. Raises FaceServiceUnreachable."""
        self.answering_face()
        return replace(self, scraped=self.scrape())
