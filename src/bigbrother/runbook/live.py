"""The document as it is in force: an edit of the overlay counts without a restart, if it holds."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bigbrother.runbook.leaves import Difference, differences
from bigbrother.runbook.load import InvalidRunbook, load_runbook
from bigbrother.runbook.model import Runbook

Mark = tuple[int, int, int] | None
"""Modification time in nanoseconds, bytes and inode of the overlay; None where there is none."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a look at the overlay found: a new document in force, or a new refusal."""

    refusal: str | None
    """Lines `file:line: what is wrong, and the remedy`; None for a document that now counts."""
    differences: tuple[Difference, ...] = ()
    """The leaves that changed, where it counts."""


class LiveRunbook:
    """Holds the last good document. Safe to use from any thread.

    `prove` gives further reasons against a document that is valid by itself, each a sentence.
    The first document is loaded at once: InvalidRunbook is raised where it does not hold.
    """

    def __init__(self, overlay: Path, prove: Callable[[Runbook], Sequence[str]]) -> None:
        self._overlay = overlay
        self._prove = prove
        self._lock = threading.Lock()
        self._seen = self._mark()
        self._current = self._load()
        self._refusal: str | None = None

    @property
    def current(self) -> Runbook:
        """The document in force; costs nothing."""
        return self._current

    @property
    def refusal(self) -> str | None:
        """Why the overlay, as it stands, is not in force; None where it is."""
        return self._refusal

    def look(self) -> Change | None:
        """Takes the overlay up if it was changed since the last look; None if nothing is new.

        A document that does not hold is told once, and the last good one stays in force.
        """
        with self._lock:
            mark = self._mark()
            if mark == self._seen:
                return None
            # Before the file is read: an edit in between must be seen at the next look.
            self._seen = mark
            try:
                runbook = self._load()
            except InvalidRunbook as error:
                refusal = str(error)
                known, self._refusal = self._refusal, refusal
                return None if refusal == known else Change(refusal)
            before, self._current = self._current, runbook
            was_refused, self._refusal = self._refusal is not None, None
            changed = differences(before, runbook)
            return Change(None, changed) if changed or was_refused else None

    def _load(self) -> Runbook:
        runbook = load_runbook(self._overlay)
        reasons = self._prove(runbook)
        if reasons:
            raise InvalidRunbook(
                "\n".join(f"{self._overlay}:1: {reason}" for reason in reasons),
                remedy="Mend the overlay; the last good document stays in force.",
            )
        return runbook

    def _mark(self) -> Mark:
        try:
            found = self._overlay.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
