"""A running unit goes by the document that the watcher accepted and published.

The units may run as an account that cannot read the operator's overlay.
"""

from pathlib import Path

import structlog

from bigbrother.runbook.at_start import as_started, reason_to_wait
from bigbrother.runbook.leaves import differences
from bigbrother.runbook.load import InvalidRunbook, load_runbook
from bigbrother.runbook.mark import Mark, mark_of
from bigbrother.runbook.model import Runbook

_log = structlog.get_logger("bigbrother.runbook")


def starting_document(overlay: Path, published: Path, tuned: Path | None = None) -> Runbook:
    """The document for a unit that starts: the overlay's, or the last that the watcher accepted.

    So a unit that died while a bad edit stands comes back. Tuned figures that do not hold are left
    out. Raises InvalidRunbook where the overlay does not hold and nothing was published.
    """
    try:
        return load_runbook(overlay, tuned)
    except InvalidRunbook as error:
        if mark_of(published) is None:
            if tuned is None:
                raise
            _log.error("the tuned figures are left out", detail=error.detail)
            return load_runbook(overlay)
        _log.error("the overlay does not hold; the last good one is used", detail=error.detail)
        return load_runbook(published)


class Follower:
    """Looks at the published overlay. Raises nothing; one thread at a time."""

    def __init__(self, published: Path, started: Runbook) -> None:
        self._published = published
        self._started = started
        self._current = started
        self._seen: Mark = None

    def look(self) -> Runbook | None:
        """The document to go by from now on; None where nothing is new.

        Costs a look at the file's mark, and some ten milliseconds after a change. What takes
        effect at a start only stays as it was, and is named in the log.
        """
        mark = mark_of(self._published)
        if mark is None or mark == self._seen:
            return None
        try:
            runbook = load_runbook(self._published)
        except (InvalidRunbook, OSError) as error:
            self._seen = mark
            _log.error("the published document is ignored", detail=str(error))
            return None
        if mark_of(self._published) != mark:
            return None  # It was changed, or taken away, meanwhile: the next look decides.
        self._seen = mark
        self._tell_what_waits(runbook)
        followed = as_started(self._started, runbook)
        changed = differences(self._current, followed)
        if not changed:
            return None
        self._current = followed
        _log.info("the document changed", figures=[".".join(each.path) for each in changed])
        return followed

    def _tell_what_waits(self, runbook: Runbook) -> None:
        waiting = [
            ".".join(each.path)
            for each in differences(self._started, runbook)
            if reason_to_wait(each.path) is not None
        ]
        if waiting:
            _log.warning("these take effect at the unit's next start", figures=waiting)
