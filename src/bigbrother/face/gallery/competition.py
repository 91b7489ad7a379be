"""How many faces compete in a collection: the identification threshold follows from it."""

import threading
from datetime import datetime

from bigbrother.face.gallery import search
from bigbrother.face.gallery.records import ModelVersion
from bigbrother.face.gallery.statements import GalleryConnection
from bigbrother.kernel.clock import Clock
from bigbrother.runbook.model import Matching


class Competition:
    """Counts small collections each time and remembers the count of large ones for a moment.

    Counting a large collection takes longer than searching it, and one enrolment more or less
    hardly moves its threshold. Safe for use from several threads.
    """

    def __init__(self, clock: Clock, matching: Matching) -> None:
        self._clock = clock
        self._matching = matching
        self._lock = threading.Lock()
        # With the time of the question.
        self._counts: dict[str, tuple[int, float]] = {}

    def follow(self, matching: Matching) -> None:
        """Counts for what is remembered already, too."""
        self._matching = matching

    def faces(
        self, conn: GalleryConnection, collection: str, model: ModelVersion, now: datetime
    ) -> int:
        """Faces in force; for a large collection no older than `matching.count_cached_for`.

        Raises CollectionNotFound.
        """
        asked = self._clock.monotonic_seconds()
        with self._lock:
            known = self._counts.get(collection)
        matching = self._matching
        cached_for_seconds = matching.count_cached_for.value
        if known is not None and asked < known[1] + cached_for_seconds:
            return known[0]
        count = search.competing_faces(conn, collection, model=model, now=now)
        with self._lock:
            self._counts = {
                name: kept
                for name, kept in self._counts.items()
                if asked < kept[1] + cached_for_seconds
            }
            if count >= matching.exact_search_below:
                self._counts[collection] = (count, asked)
        return count

    def forget(self, collection: str) -> None:
        """Counts a collection anew the next time, since somebody of it was erased."""
        with self._lock:
            self._counts.pop(collection, None)
