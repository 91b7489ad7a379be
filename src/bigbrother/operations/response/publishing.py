"""Publishes the document in force for units that may not read the operator's folder."""

import pwd
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog

from bigbrother.runbook.publishing import write_published

_log = structlog.get_logger("bigbrother.ops")


class Publisher:
    """Writes the accepted overlay where the units look; `reader` is their account.

    Nobody else may read it: it names people, and addresses that work for whoever knows them.
    """

    def __init__(self, file: Path, reader: str | None) -> None:
        """`reader` is None where the units run as the watcher does."""
        self._file = file
        self._reader = reader
        self._published: Mapping[str, Any] | None = None
        self._failing = False

    def publish(self, own: Mapping[str, Any]) -> None:
        """Writes it in one step, unless it stands there already; a failed write is logged once.

        To be called again and again: what could not be written is tried again.
        """
        if own is self._published:
            return
        try:
            reader = self._reader
            group = None if reader is None else pwd.getpwnam(reader).pw_gid
            write_published(self._file, own, group)
        except (OSError, KeyError) as error:
            if not self._failing:
                _log.error("the document could not be published", reason=str(error))
            self._failing = True
            return
        self._published = own
        self._failing = False
