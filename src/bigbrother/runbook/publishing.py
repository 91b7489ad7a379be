"""Writes the document in force where the units look for it."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from bigbrother.runbook.load import read_document
from bigbrother.settings import Settings


def write_published(file: Path, own: Mapping[str, Any], group: int | None) -> None:
    """Writes what differs from the shipped document, in one step; raises OSError.

    `group` is that of the account that may read it beside the owner: it names people, and
    addresses that work for whoever knows them. None: nobody else.
    """
    draft = file.with_suffix(f".{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600, exist_ok=False)
    draft.write_text(yaml.safe_dump(dict(own), sort_keys=False, allow_unicode=True), "utf-8")
    if group is not None:
        os.chown(draft, -1, group)
        draft.chmod(0o640)
    draft.replace(file)


def publish_in_force(settings: Settings) -> None:
    """Publishes the document as the files of this home make it now; raises InvalidRunbook, OSError.

    The watcher does it too; but it may be dead while somebody else changes a figure. Nothing is
    published where no unit has ever run.
    """
    if settings.published_runbook.parent.is_dir():
        own = read_document(settings.runbook_overlay, settings.tuned_runbook).own
        write_published(settings.published_runbook, own, _readers_group(settings))


def _readers_group(settings: Settings) -> int | None:
    """Of the face unit's account, to which the spool belongs; None where it is our own."""
    try:
        spool = settings.spool.stat()
    except OSError:
        return None
    return None if spool.st_uid == os.geteuid() else spool.st_gid
