"""Publishes the document in force for units that may not read the operator's folder."""

import os
import pwd
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog
import yaml

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
            self._write(yaml.safe_dump(dict(own), sort_keys=False, allow_unicode=True))
        except (OSError, KeyError) as error:
            if not self._failing:
                _log.error("the document could not be published", reason=str(error))
            self._failing = True
            return
        self._published = own
        self._failing = False

    def _write(self, text: str) -> None:
        draft = self._file.with_suffix(".new")
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600, exist_ok=False)
        draft.write_text(text, "utf-8")
        if self._reader is not None:
            os.chown(draft, -1, pwd.getpwnam(self._reader).pw_gid)
            draft.chmod(0o640)
        draft.replace(self._file)
