"""The document as it is in force: an edit of the overlay counts without a restart, if it holds."""

import contextlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bigbrother.runbook.leaves import Difference, differences
from bigbrother.runbook.load import Document, InvalidRunbook, read_document
from bigbrother.runbook.mark import Mark, mark_of
from bigbrother.runbook.model import Runbook


@dataclass(frozen=True, slots=True)
class Change:
    """What a look at the overlay found: a new document in force, or a new refusal."""

    refusal: str | None
    """Lines `file:line: what is wrong, and the remedy`; None for a document that now counts."""
    differences: tuple[Difference, ...] = ()
    """The leaves that changed, where it counts."""


class LiveRunbook:
    """Holds the last good document. Safe to use from any thread.

    `tuned` is the file of the figures that solutions tune, laid over the overlay.
    `prove` gives further reasons against a document that is valid by itself, each a sentence.
    `kept` is a file for a copy of the last good overlay: whoever starts while the overlay does not
    hold goes on with that copy, or without one with the shipped document. Raises nothing.
    """

    def __init__(
        self,
        overlay: Path,
        prove: Callable[[Runbook], Sequence[str]],
        kept: Path,
        tuned: Path | None = None,
    ) -> None:
        self._overlay = overlay
        self._tuned = tuned
        self._prove = prove
        self._kept = kept
        self._lock = threading.Lock()
        self._told = False
        self._seen = self._marks()
        self._refusal: str | None = None
        try:
            self._current = self._load()
        except InvalidRunbook as error:
            self._refusal = str(error)
            self._current = self._last_good()

    @property
    def current(self) -> Runbook:
        """The document in force; costs nothing."""
        return self._current.runbook

    @property
    def own(self) -> Mapping[str, Any]:
        """What the overlay in force says, as written; empty where there is none."""
        return self._current.own

    @property
    def refusal(self) -> str | None:
        """Why the overlay, as it stands, is not in force; None where it is."""
        return self._refusal

    def look(self) -> Change | None:
        """Takes the overlay up if it was changed since the last look; None if nothing is new.

        A document that does not hold is told once, and the last good one stays in force. The first
        look tells how it stands, whatever was told before a restart.
        """
        with self._lock:
            mark = self._marks()
            first, self._told = not self._told, True
            if mark == self._seen:
                return Change(self._refusal) if first else None
            # Before the file is read: an edit in between must be seen at the next look.
            self._seen = mark
            known = self._refusal
            try:
                document = self._load()
            except InvalidRunbook as error:
                self._refusal = str(error)
                return None if self._refusal == known and not first else Change(self._refusal)
            before, self._current = self._current, document
            self._refusal = None
            changed = differences(before.runbook, document.runbook)
            return Change(None, changed) if changed or known is not None or first else None

    def _load(self) -> Document:
        document = read_document(self._overlay, self._tuned)
        reasons = self._prove(document.runbook)
        if reasons:
            raise InvalidRunbook(
                "\n".join(f"{self._overlay}:1: {reason}" for reason in reasons),
                remedy="Mend the overlay; the last good document stays in force.",
            )
        self._keep()
        return document

    def _keep(self) -> None:
        if self._marks() != self._seen:
            return  # It was changed meanwhile: the next look decides about it.
        # Without a copy only a restart with a bad overlay loses something.
        with contextlib.suppress(OSError):
            if self._seen[0] is None:
                self._kept.unlink(missing_ok=True)
                return
            draft = self._kept.with_suffix(".new")
            draft.touch(mode=0o600)
            draft.write_bytes(self._overlay.read_bytes())
            draft.replace(self._kept)

    def _last_good(self) -> Document:
        for kept, tuned in ((self._kept, self._tuned), (self._kept, None)):
            with contextlib.suppress(InvalidRunbook):
                return read_document(kept, tuned)
        return read_document()

    def _marks(self) -> tuple[Mark, Mark]:
        return mark_of(self._overlay), None if self._tuned is None else mark_of(self._tuned)
