"""What the shell offers at the Tab key; silent and quick, whatever goes wrong."""

import os
from itertools import islice

from bigbrother.entrypoints.cli.connection import connected
from bigbrother.kernel.errors import BigBrotherError
from bigbrother.models.store import PackStore
from bigbrother.runbook.load import load_runbook
from bigbrother.settings import load_settings

# Whoever pressed the Tab key is typing; a slow answer is worse than none.
_PATIENCE_SECONDS = 1.0


def collection_names(incomplete: str) -> list[str]:
    """Collections of the running service."""
    url = os.environ.get("BIGBROTHER_URL")
    try:
        with connected(url, None, attempts=1, timeout_seconds=_PATIENCE_SECONDS) as client:
            return [
                item.name for item in client.collections.list() if item.name.startswith(incomplete)
            ]
    except BigBrotherError:
        return []


def pack_names(incomplete: str) -> list[str]:
    """Model packs on this machine."""
    try:
        names = PackStore(load_settings().models).names()
    except (BigBrotherError, OSError):
        return []
    return [name for name in names if name.startswith(incomplete)]


def unit_names(incomplete: str) -> list[str]:
    """Units of the runbook document."""
    try:
        units = load_runbook(load_settings().runbook_overlay).units
    except BigBrotherError:
        return []
    return [name for name in units if name.startswith(incomplete)]


def symptom_names(incomplete: str) -> list[str]:
    """What a diagnosis can be asked about: issues and alerts of the runbook document."""
    try:
        runbook = load_runbook(load_settings().runbook_overlay)
    except BigBrotherError:
        return []
    names = (*runbook.common_issues, *runbook.alerts.rules)
    return [name for name in names if name.startswith(incomplete)]


def batch_ids(incomplete: str) -> list[str]:
    """Batches of the running service."""
    url = os.environ.get("BIGBROTHER_URL")
    try:
        with connected(url, None, attempts=1, timeout_seconds=_PATIENCE_SECONDS) as client:
            newest = islice(
                client.batches.list(),
                load_runbook(load_settings().runbook_overlay).limits.page_size,
            )
            return [batch.id for batch in newest if batch.id.startswith(incomplete.lower())]
    except BigBrotherError:
        return []


def procedure_names(incomplete: str) -> list[str]:
    """Procedures of the runbook document."""
    from bigbrother.operations.procedures.catalogue import procedures  # noqa: PLC0415

    try:
        known = procedures(load_runbook(load_settings().runbook_overlay))
    except BigBrotherError:
        return []
    return [name for name in known if name.startswith(incomplete)]


def run_ids(incomplete: str) -> list[str]:
    """The newest runs."""
    from bigbrother.entrypoints.cli.alerts.opened import opened  # noqa: PLC0415
    from bigbrother.operations.procedures.history import list_runs  # noqa: PLC0415

    try:
        with opened() as at:
            newest = at.store.read(lambda conn: list_runs(conn, limit=at.runbook.limits.page_size))
    except BigBrotherError:
        return []
    return [run.id for run in newest if run.id.startswith(incomplete.lower())]
