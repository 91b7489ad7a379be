"""Step remove_orphaned_files: drafts and uploads of processes that died before they tidied up."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from bigbrother.operations.housekeeping.files import (
    FoundFile,
    files_of,
    held_open,
    remove,
    told,
)
from bigbrother.operations.procedures.action import Action, ActionServices, Arguments, StepContext
from bigbrother.operations.procedures.outcome import Happened, Outcome
from bigbrother.settings import Settings

_DRAFT = re.compile(r"\..+\.(?:[0-9a-f]{8}|new)|(?:runbook|running|watcher)\.new")
"""As they are written beside the file that they become."""
_ANY = re.compile(r".+")


def _places(settings: Settings) -> Iterator[tuple[Path, re.Pattern[str]]]:
    """Folders with the names that are nobody's for long in them."""
    # An upload has no name, but where the file system cannot do that.
    yield settings.spool, _ANY
    for folder in (
        settings.home,
        settings.etc,
        settings.secrets,
        settings.ops,
        settings.reports,
        settings.runtime,
    ):
        yield folder, _DRAFT


def _orphans(services: ActionServices) -> tuple[FoundFile, ...]:
    before: datetime = services.clock.now() - services.runbook.cleaning.orphan_after.duration
    old = [
        found
        for folder, names in _places(services.settings)
        for found in files_of(folder)
        if names.fullmatch(found.path.name) and found.modified_at < before
    ]
    held = held_open() if old else frozenset()
    return tuple(found for found in old if found.identity not in held)


def _do(context: StepContext, _: Arguments) -> Outcome:
    orphans = _orphans(context.services)
    if not orphans:
        return Outcome("No file was left behind.", {"count": 0, "bytes": 0}, skipped=True)
    removed = remove(orphans, context.journal, context.services.runbook.cleaning.at_once)
    return Outcome(
        f"Removed what was left behind: {told(orphans)}.",
        {"count": removed.count, "bytes": removed.occupied_bytes},
    )


def _plan(context: StepContext, _: Arguments) -> str:
    orphans = _orphans(context.services)
    if not orphans:
        return "Nothing: no file was left behind."
    names = ", ".join(str(found.path) for found in orphans[:5])
    return f"Would remove {told(orphans)}: {names}{', …' if len(orphans) > 5 else ''}."


def _verify(context: StepContext, _: Arguments) -> Happened:
    return Happened.NO if _orphans(context.services) else Happened.YES


REMOVE_ORPHANED_FILES = Action(
    "remove_orphaned_files", Arguments, _do, _plan, idempotent=True, verify=_verify
)
