"""The watcher's file for a step, and the moment as of which its step deletes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from bigbrother.operations.monitoring.as_of import as_of
from bigbrother.operations.procedures.action import ActionServices
from bigbrother.operations.procedures.outcome import StepFailed
from bigbrother.operations.store.store import Store


@contextmanager
def watchers_file(services: ActionServices) -> Iterator[Store | None]:
    """The file beside the running watcher; None where there is none yet.

    Raises StepFailed where the disk does not take what is written, now or later: a step's process
    must not go on in memory as the watcher does, for its copy would end with it.
    """
    if not services.settings.ops_store.exists():
        yield None
        return
    store = Store(services.settings.ops_store)
    try:
        _refuse_memory(store, services)
        yield store
        _refuse_memory(store, services)
    finally:
        store.abandon()


def deleting_as_of(services: ActionServices, store: Store | None) -> datetime:
    """Now; or less where the watcher's upkeep has not come so far: the clock may have jumped."""
    now, most = services.clock.now(), services.runbook.watching.late_by.duration
    return now if store is None else store.read(lambda conn: as_of(conn, now, most))


def _refuse_memory(store: Store, services: ActionServices) -> None:
    if store.degraded:
        raise StepFailed(
            f"The disk takes nothing that is written to {services.settings.ops_store}.",
            remedy="Make some room on that disk by hand; then run this again.",
        )
